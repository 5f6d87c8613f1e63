import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { day, number } from "../../words/format";
import { words } from "../../words/words";
import type { AccountNode } from "./Facts";
import { marksOf } from "./marks";

type Entry = AccountNode["answers"]["edges"][number]["node"];
type Period = AccountNode["history"][number];

const t = words({
  became: ["{attribute}: {value}", "{attribute}: {value}"],
  plan: ["plan", "요금제"],
  stage: ["stage", "단계"],
  owner: ["owner", "담당자"],
  parent: ["belongs to", "상위 고객"],
  score: ["{instrument}: {score}", "{instrument}: {score}"],
  use: ["with use", "사용 포함"],
});
const ATTRIBUTES = new Set(["plan", "stage", "owner", "parent"]);
const MOST = 60; // lines

interface Happening {
  at: string;
  key: string;
  isUse?: boolean;
  show: ComponentChildren;
}

/** What was said, what became of the account, what happened to it and what its people did, the newest first. */
export function happenings(account: AccountNode): Happening[] {
  const said = account.answers.edges.map(({ node }) => ({ at: node.occurredAt, key: node.id, show: <Said entry={node} /> }));
  const became = account.history
    .filter((period) => period.from && period.value !== null)
    .map((period) => ({ at: period.from!, key: period.attribute + period.from, show: <span>{told(period)}</span> }));
  const happened = (account.score ? marksOf(account) : []).map((mark) => ({
    at: mark.day,
    key: mark.day + mark.text,
    show: <span><span class="tag">{mark.kind.toLowerCase()}</span> {mark.text}</span>,
  }));
  const used = account.events.edges.map(({ node }, at) => ({
    at: node.occurredAt,
    key: `event ${at}`,
    isUse: true,
    show: <span>{node.name} <span class="faint">{node.person?.name}</span></span>,
  }));
  return [...said, ...became, ...happened, ...used].sort((one, other) => other.at.localeCompare(one.at));
}

export function Timeline({ account }: { account: AccountNode }) {
  const [withUse, setWithUse] = useState(false);
  const all = happenings(account);
  const hasOther = all.some((one) => !one.isUse);
  return (
    <>
      {hasOther && (
        <label class="pick">
          <input type="checkbox" checked={withUse} onChange={(event) => setWithUse(event.currentTarget.checked)} /> {t("use")}
        </label>
      )}
      <ul class="timeline">
        {all.filter((one) => withUse || !hasOther || !one.isUse).slice(0, MOST).map(({ at, key, show }) => (
          <li key={key}><time dateTime={at}>{day(at, { year: false })}</time>{show}</li>
        ))}
      </ul>
    </>
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
