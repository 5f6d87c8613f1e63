import type { ReplayFragment } from "../../../api/documents";
import { DataTable } from "../../../components/DataTable";
import { link } from "../../../shell/router";
import { day, number } from "../../../words/format";
import { words } from "../../../words/words";
import { told } from "../../signals/evidence";

const t = words({
  title: ["What it would have said", "과거에 적용한 결과"],
  said: ["{raised} signal{raised|s} about {subjects} from {first} to {last}: {week} a week. {open} would still be open.", "{first}~{last}: 대상 {subjects}, 신호 {raised}건, 주당 {week}건. {open}건은 아직 열려 있습니다."],
  none: ["Nothing, from {first} to {last}: it would have been silent.", "{first}~{last}: 발생한 신호가 없습니다."],
  CHURN: ["Of {accounts} account{accounts|s} that left, {warned} had a signal before", "이탈 고객 {accounts}곳 중 {warned}곳에 미리 신호가 있었습니다"],
  UPGRADE: ["Of {accounts} account{accounts|s} that upgraded, {warned} had a signal before", "업그레이드 고객 {accounts}곳 중 {warned}곳에 미리 신호가 있었습니다"],
  other: ["Of {accounts} account{accounts|s} that had the outcome, {warned} had a signal before", "결과가 있던 고객 {accounts}곳 중 {warned}곳에 미리 신호가 있었습니다"],
  median: ["{days} days before, by the median", "중앙값 {days}일 전"],
  vain: ["{count} signal{count|s} about accounts without it", "결과가 없던 고객의 신호 {count}건"],
  raised: ["Day", "날짜"],
  account: ["Account", "고객"],
  why: ["Why", "이유"],
});

/** What a rule would have said in the past: how often, of whom, and whether it would have been of use. */
export function Replay({ replay, titleOf }: { replay: ReplayFragment; titleOf: (metric: string) => string }) {
  const span = { first: day(replay.from), last: day(replay.to) };
  if (!replay.raised) return <p class="note" role="status">{t("none", span)}</p>;
  const why = (one: ReplayFragment["signals"][number]) => told(one.evidence, titleOf);
  const name = (one: ReplayFragment["signals"][number]) => one.account?.name || one.account?.externalId || "";
  return (
    <section class="replay" aria-label={t("title")}>
      <p class="note" role="status">
        {t("said", { ...span, raised: replay.raised, subjects: replay.subjects, week: number(replay.perWeek, 1), open: replay.stillOpen })}
        {replay.outcome && <><br />{outcome(replay.outcome)}</>}
      </p>
      <DataTable
        name="replay"
        caption={t("title")}
        rows={replay.signals.map((one, place) => ({ ...one, place }))}
        rowKey={(one) => String(one.place)}
        columns={[
          { key: "account", title: t("account"), cell: (one) => one.account?.externalId && <a href={link(["accounts", one.account.externalId])}>{name(one)}</a>, value: name },
          { key: "why", title: t("why"), cell: (one) => <span class="words wide">{why(one) || "–"}</span>, value: why },
          { key: "raised", title: t("raised"), cell: (one) => day(one.raisedOn), value: (one) => one.raisedOn, numeric: true, first: "desc" },
        ]}
      />
    </section>
  );
}

function outcome({ outcome: which, accounts, warned, medianDays, inVain }: NonNullable<ReplayFragment["outcome"]>): string {
  const key = which === "CHURN" || which === "UPGRADE" ? which : "other";
  const parts = [t(key, { accounts, warned }), ...(medianDays === null ? [] : [t("median", { days: number(medianDays) })]), t("vain", { count: inVain })];
  return `${parts.join("; ")}.`;
}
