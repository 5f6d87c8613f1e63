import { said } from "../words/enums";
import { langOf, language, words } from "../words/words";

const t = words({
  formula: ["Formula", "산식"],
  source: ["Source", "출처"],
  rules: ["Edge cases", "예외 규칙"],
  vanity: ["How it can mislead", "오해할 수 있는 점"],
  cadence: ["Refreshed", "갱신 주기"],
});

interface Props {
  card: {
    formula: string;
    formulaKo: string;
    source: string;
    sourceKo: string;
    edgeRules: readonly string[];
    edgeRulesKo: readonly string[];
    vanityRisk: string;
    vanityRiskKo: string;
    refreshCadence: string;
  };
}

/** The definition card of a metric, in the words of its plugin: where it has none in the reader's language, in English. */
export function Card({ card }: Props) {
  const isKorean = language.value === "ko";
  const of = (en: string, ko: string) => <dd lang={langOf(isKorean ? ko : en)}>{isKorean ? ko : en}</dd>;
  const rules = isKorean ? card.edgeRulesKo : card.edgeRules;
  return (
    <dl class="card">
      <dt>{t("formula")}</dt>{of(card.formula, card.formulaKo)}
      {rules.length > 0 && <><dt>{t("rules")}</dt><dd lang={langOf(rules[0]!)}><ul>{rules.map((rule) => <li key={rule}>{rule}</li>)}</ul></dd></>}
      {card.vanityRisk && <><dt>{t("vanity")}</dt>{of(card.vanityRisk, card.vanityRiskKo)}</>}
      {card.source && <><dt>{t("source")}</dt>{of(card.source, card.sourceKo)}</>}
      {card.refreshCadence && <><dt>{t("cadence")}</dt><dd>{said(card.refreshCadence)}</dd></>}
    </dl>
  );
}
