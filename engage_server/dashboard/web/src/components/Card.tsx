import { said } from "../words/enums";
import { language, words } from "../words/words";

const t = words({
  formula: ["Formula", "산식"],
  source: ["Source", "출처"],
  rules: ["Edge cases", "예외 규칙"],
  vanity: ["How it can mislead", "오해할 수 있는 점"],
  cadence: ["Refreshed", "갱신 주기"],
});

interface Props {
  card: { formula: string; source: string; edgeRules: readonly string[]; vanityRisk: string; refreshCadence: string };
}

/** The definition card of a metric, in the words of its plugin. */
export function Card({ card }: Props) {
  return (
    <dl class="card" lang="en">
      <dt>{t("formula")}</dt><dd>{card.formula}</dd>
      {card.edgeRules.length > 0 && <><dt>{t("rules")}</dt><dd><ul>{card.edgeRules.map((rule) => <li key={rule}>{rule}</li>)}</ul></dd></>}
      {card.vanityRisk && <><dt>{t("vanity")}</dt><dd>{card.vanityRisk}</dd></>}
      {card.source && <><dt>{t("source")}</dt><dd>{card.source}</dd></>}
      {card.refreshCadence && <><dt>{t("cadence")}</dt><dd lang={language.value}>{said(card.refreshCadence)}</dd></>}
    </dl>
  );
}
