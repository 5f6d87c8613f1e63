import type { AccountFactsQuery } from "../../api/documents";
import type { Mark } from "../../components/TimeChart";
import { day, number } from "../../words/format";
import { words } from "../../words/words";

type Entry = AccountFactsQuery["feedbackEntries"]["edges"][number]["node"];
type Period = NonNullable<AccountFactsQuery["account"]>["history"][number];

const t = words({
  became: ["{attribute}: {value}", "{attribute}: {value}"],
  plan: ["plan", "요금제"],
  stage: ["stage", "단계"],
  owner: ["owner", "담당자"],
  parent: ["belongs to", "상위 고객"],
  score: ["{instrument}: {score}", "{instrument}: {score}"],
});
const ATTRIBUTES = new Set(["plan", "stage", "owner", "parent"]);

/** What was said and what became of the account, the newest first. */
export function Timeline({ entries, history, marks }: { entries: readonly Entry[]; history: readonly Period[]; marks: readonly Mark[] }) {
  const said = entries.map((entry) => ({ at: entry.occurredAt, key: entry.id, show: <Said entry={entry} /> }));
  const became = history
    .filter((period) => period.from && period.value !== null)
    .map((period) => ({ at: period.from!, key: period.attribute + period.from, show: <span>{told(period)}</span> }));
  const happened = marks.map((mark) => ({
    at: mark.day,
    key: mark.day + mark.text,
    show: <span><span class="tag">{mark.kind.toLowerCase()}</span> {mark.text}</span>,
  }));
  const all = [...said, ...became, ...happened].sort((one, other) => other.at.localeCompare(one.at));
  return (
    <ul class="timeline">
      {all.slice(0, 40).map(({ at, key, show }) => (
        <li key={key}><time dateTime={at}>{day(at, { year: false })}</time>{show}</li>
      ))}
    </ul>
  );
}

function Said({ entry }: { entry: Entry }) {
  const who = entry.person?.name || entry.person?.externalId;
  return (
    <span>
      {entry.score !== null ? <b>{t("score", { instrument: entry.instrument, score: number(entry.score) })}</b> : <span class="tag">{entry.instrument}</span>}
      {entry.text && <> <q>{entry.text}</q></>}
      {who && <span class="faint"> {who}</span>}
      {entry.tags.map((tag) => <span key={tag} class="tag">{tag}</span>)}
    </span>
  );
}

function told({ attribute, value }: Period): string {
  const name = attribute.replace(/^traits\./, "");
  return t("became", { attribute: ATTRIBUTES.has(name) ? t(name as "plan") : name, value: String(value).toLowerCase() });
}
