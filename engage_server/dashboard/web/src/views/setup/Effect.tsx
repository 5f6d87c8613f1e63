import { useState } from "preact/hooks";
import { ask, type Failure } from "../../api/client";
import { EffectDocument, type EffectQuery } from "../../api/documents";
import { titleOf, useSession } from "../../api/session";
import { Band } from "../../components/Band";
import { DataTable } from "../../components/DataTable";
import { Delta } from "../../components/Delta";
import { Refusal } from "../../components/form/Refusal";
import { link } from "../../shell/router";
import { number, shiftDay, today } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  see: ["See the effect", "영향 확인"],
  wait: ["Computing yesterday under these settings …", "이 설정으로 어제 값을 계산하는 중 …"],
  old: ["The settings have changed since; see the effect again.", "이후 설정이 바뀌었습니다. 다시 확인하세요."],
  none: ["No value of yesterday would change.", "어제 값은 바뀌지 않습니다."],
  some: ["{changed} of {values} values of yesterday would change.", "어제 값 {values}개 중 {changed}개가 바뀝니다."],
  caption: ["Whose value would change", "값이 바뀌는 대상"],
  account: ["Account", "고객"],
  now: ["Now", "현재"],
  then: ["Then", "변경 후"],
  change: ["Change", "변화"],
  band: ["Band", "상태"],
});
type Outcome = NonNullable<EffectQuery["whatIf"]>["metrics"][number];

interface Props {
  plugin: string;
  config: Record<string, unknown>;
  /** How many settings differ from what is stored. */
  changed: number;
  onTried: () => void;
}

/** What yesterday would be under the settings of the form: computed by the server, stored nowhere. */
export function Effect({ plugin, config, changed, onTried }: Props) {
  const [seen, setSeen] = useState<{ of: unknown; metrics: readonly Outcome[] } | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    const whole = Object.fromEntries(Object.entries(config).filter(([, one]) => one !== null)); // null: the default
    const answer = await ask(EffectDocument, { plugin, config: whole, day: shiftDay(today(), -1) });
    setFailure(answer.failure);
    setSeen(answer.data?.whatIf ? { of: config, metrics: answer.data.whatIf.metrics } : null);
    setBusy(false);
    if (answer.data) onTried();
  };
  return (
    <section class="effect" aria-live="polite">
      <p class="buttons">
        <button type="button" disabled={!changed || busy} onClick={look}>{t("see")}</button>
        {busy && <span class="faint">{t("wait")}</span>}
      </p>
      <Refusal failure={failure} />
      {seen && seen.of !== config && changed > 0 && <p class="faint">{t("old")}</p>}
      {seen && changed > 0 && seen.metrics.map((one) => <MetricEffect key={one.metric} outcome={one} />)}
    </section>
  );
}

function MetricEffect({ outcome }: { outcome: Outcome }) {
  const session = useSession().data;
  const definition = session?.metrics.find((one) => one.id === outcome.metric);
  const rows = outcome.lastDay.edges.map(({ node }) => node).filter((one) => one.account && one.before !== one.after);
  return (
    <section class="part">
      <h3>{definition ? titleOf(definition) : outcome.metric}</h3>
      <p>{outcome.changed ? t("some", { changed: number(outcome.changed), values: number(outcome.values) }) : t("none")}</p>
      {rows.length > 0 && (
        <DataTable
          name={`effect-${outcome.metric}`}
          caption={`${t("caption")}: ${definition ? titleOf(definition) : outcome.metric}`}
          rows={rows}
          rowKey={(one) => one.account!.externalId}
          columns={[
            { key: "account", title: t("account"), cell: (one) => <a href={link(["accounts", one.account!.externalId])} target="_blank">{one.account!.name}</a>, value: (one) => one.account!.name },
            { key: "now", title: t("now"), cell: (one) => number(one.before, 1), value: (one) => one.before, numeric: true },
            { key: "then", title: t("then"), cell: (one) => <b>{number(one.after, 1)}</b>, value: (one) => one.after, numeric: true },
            { key: "change", title: t("change"), cell: (one) => <Delta value={difference(one)} direction={definition?.direction} />, value: difference, numeric: true },
            { key: "band", title: t("band"), cell: (one) => one.bandBefore !== one.bandAfter && <><Band band={one.bandBefore} /> → <Band band={one.bandAfter} /></>, value: (one) => one.bandAfter },
          ]}
        />
      )}
    </section>
  );
}

const difference = (one: { before: number | null; after: number | null }): number | null =>
  one.before === null || one.after === null ? null : one.after - one.before;
