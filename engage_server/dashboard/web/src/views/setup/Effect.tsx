import { useState } from "preact/hooks";
import { ConfigurePluginDocument, type ConfigurePluginMutation } from "../../api/documents";
import { titleOf, useSession } from "../../api/session";
import { useChange } from "../../api/useChange";
import { Band } from "../../components/Band";
import { DataTable } from "../../components/DataTable";
import { Delta } from "../../components/Delta";
import { Refusal } from "../../components/form/Refusal";
import { link } from "../../shell/router";
import { day, number } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  see: ["See the effect", "영향 확인"],
  wait: ["Computing the newest day under these settings …", "이 설정으로 최신 날짜의 값을 계산하는 중 …"],
  again: ["{days} days are computed again: {from} to {to}.", "{days}일이 다시 계산됩니다: {from}~{to}."],
  old: ["The settings have changed since; see the effect again.", "이후 설정이 바뀌었습니다. 다시 확인하세요."],
  none: ["No value of {day} would change.", "{day} 값은 바뀌지 않습니다."],
  company: ["The company", "회사"],
  few: ["{shown} of {all} shown.", "{all}개 중 {shown}개 표시."],
  some: ["{changed} of {values} values of {day} would change.", "{day} 값 {values}개 중 {changed}개가 바뀝니다."],
  caption: ["Whose value would change", "값이 바뀌는 대상"],
  account: ["Account", "고객"],
  now: ["Now", "현재"],
  then: ["Then", "변경 후"],
  change: ["Change", "변화"],
  band: ["Band", "상태"],
  noBand: ["none", "없음"],
});
type Outcome = NonNullable<ConfigurePluginMutation["configurePlugin"]["effects"]>["metrics"][number];

interface Props {
  plugin: string;
  version: number;
  config: Record<string, unknown>;
  /** The settings that differ from what is stored. */
  changes: Record<string, unknown>;
  onTried: () => void;
}

/** What the newest day would be under the settings of the form: a write that the server tries and takes back. */
export function Effect({ plugin, version, config, changes, onTried }: Props) {
  const trial = useChange(ConfigurePluginDocument, { refreshes: false });
  const [of, setOf] = useState<unknown>(null);
  const hasChanged = Object.keys(changes).length > 0;
  const look = async () => {
    if (!(await trial.send({ plugin, changes, version, dryRun: true }))) return;
    setOf(config);
    onTried();
  };
  const tried = hasChanged ? trial.data?.configurePlugin : undefined;
  return (
    <section class="effect" aria-live="polite">
      <p class="buttons">
        <button type="button" disabled={!hasChanged || trial.busy} onClick={look}>{t("see")}</button>
        {trial.busy && <span class="faint">{t("wait")}</span>}
      </p>
      <Refusal failure={trial.failure} />
      {tried && of !== config && <p class="faint">{t("old")}</p>}
      {tried && <p class="part">{t("again", { days: number(tried.restated.days), from: day(tried.restated.from), to: day(tried.restated.to) })}</p>}
      {tried?.effects?.metrics.map((one) => <MetricEffect key={one.metric} outcome={one} on={tried.effects!.to} />)}
    </section>
  );
}

function MetricEffect({ outcome, on }: { outcome: Outcome; on: string }) {
  const session = useSession().data;
  const definition = session?.metrics.find((one) => one.id === outcome.metric);
  const rows = outcome.lastDay.edges.map(({ node }) => node).filter((one) => (one.account?.externalId || one.subjectKind === "TENANT") && (one.before !== one.after || one.bandBefore !== one.bandAfter));
  return (
    <section class="part">
      <h3>{definition ? titleOf(definition) : outcome.metric}</h3>
      <p>{outcome.changed ? t("some", { changed: number(outcome.changed), values: number(outcome.values), day: day(on) }) : t("none", { day: day(on) })} {rows.length > 0 && rows.length < outcome.changed && <span class="faint">{t("few", { shown: number(rows.length), all: number(outcome.changed) })}</span>}</p>
      {rows.length > 0 && (
        <DataTable
          name={`effect-${outcome.metric}`}
          caption={`${t("caption")}: ${definition ? titleOf(definition) : outcome.metric}`}
          rows={rows}
          rowKey={(one) => one.account?.externalId ?? one.subjectKind}
          columns={[
            { key: "account", title: t("account"), cell: ({ account }) => account ? <a href={link(["accounts", account.externalId])} target="_blank">{account.name || account.externalId}</a> : t("company"), value: nameOf },
            { key: "now", title: t("now"), cell: (one) => number(one.before, 1), value: (one) => one.before, numeric: true },
            { key: "then", title: t("then"), cell: (one) => <b>{number(one.after, 1)}</b>, value: (one) => one.after, numeric: true },
            { key: "change", title: t("change"), cell: (one) => <Delta value={difference(one)} direction={definition?.direction} />, value: difference, numeric: true },
            { key: "band", title: t("band"), cell: (one) => one.bandBefore !== one.bandAfter && <><BandOrNone band={one.bandBefore} /> → <BandOrNone band={one.bandAfter} /></>, value: (one) => one.bandAfter },
          ]}
        />
      )}
    </section>
  );
}

const nameOf = ({ account }: { account: { externalId?: string; name?: string } | null }): string => account?.name || account?.externalId || t("company");

const BandOrNone = ({ band }: { band: string | null }) => (band ? <Band band={band} /> : <span class="faint">{t("noBand")}</span>);

const difference = (one: { before: number | null; after: number | null }): number | null =>
  one.before === null || one.after === null ? null : one.after - one.before;
