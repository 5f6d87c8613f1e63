import type { PlaybooksQuery, ReplayFragment } from "../../../api/documents";
import { day, number } from "../../../words/format";
import { words } from "../../../words/words";

const t = words({
  segment: ["About the members of {segment}: {count} today.", "{segment} 소속 대상: 오늘 {count}곳."],
  accounts: ["About all customers: {count} today.", "모든 고객 대상: 오늘 {count}곳."],
  others: ["About {subject}.", "대상: {subject}."],
  asking: ["Replaying the rule …", "규칙을 과거에 적용하는 중 …"],
  begun: ["From {first} to {last} its rule would have raised {raised} signal{raised|s} about {subjects}: {week} a week. Of these {treated} would be treated and about {held} left alone.", "{first}~{last}: 규칙이 대상 {subjects}에 신호 {raised}건(주당 {week}건)을 냈을 것입니다. 이 중 약 {treated}곳에 실행되고 {held}곳은 비교를 위해 제외됩니다."],
  vain: ["{count} of the signals were about accounts without the outcome.", "신호 중 {count}건은 결과가 없던 고객입니다."],
});
export type PlaybookRule = NonNullable<PlaybooksQuery["rules"]>["edges"][number]["node"];

interface Props {
  rule: PlaybookRule;
  customers: number | null;
  /** What the rule would have said; null while that is asked. */
  replay: ReplayFragment | null;
  holdOut: number;
}

/** Whom a playbook would be about: how many there are now, and how many it would have been begun about. */
export function Audience({ rule, customers, replay, holdOut }: Props) {
  const held = replay ? Math.round(replay.subjects * holdOut) : 0;
  return (
    <div class="note" role="status">
      <p class="figure-count">{rule.segment ? t("segment", { segment: rule.segment.name, count: number(rule.segment.size) }) : rule.subjectKind === "ACCOUNT" ? t("accounts", { count: number(customers) }) : t("others", { subject: rule.subjectKind?.toLowerCase() ?? "–" })}</p>
      {replay ? (
        <p>
          {t("begun", { first: day(replay.from), last: day(replay.to), raised: replay.raised, subjects: replay.subjects, week: number(replay.perWeek, 1), treated: replay.subjects - held, held })}{" "}
          {replay.outcome && t("vain", { count: replay.outcome.inVain })}
        </p>
      ) : (
        <p class="faint">{t("asking")}</p>
      )}
    </div>
  );
}
