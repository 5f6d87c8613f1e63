import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { day, number } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";
import type { AccountNode } from "./Facts";
import { marksOf, type Overrides } from "./marks";

type Entry = AccountNode["answers"]["edges"][number]["node"];
type Signal = NonNullable<AccountNode["signals"]>["edges"][number]["node"];
type Delivery = NonNullable<AccountNode["deliveries"]>["edges"][number]["node"];
type Period = AccountNode["history"][number];

const t = words({
  became: ["{attribute}: {value}", "{attribute}: {value}"],
  plan: ["plan", "요금제"],
  stage: ["stage", "단계"],
  owner: ["owner", "담당자"],
  parent: ["belongs to", "상위 고객"],
  score: ["{instrument}: {score}", "{instrument}: {score}"],
  over: ["over on {day}", "{day} 종료"],
  known: ["acknowledged", "확인됨"],
  open: ["open", "열림"],
  RELEASE: ["release", "릴리스"],
  MARKETING: ["marketing", "마케팅"],
  INCIDENT: ["incident", "장애"],
  OTHER: ["note", "메모"],
  SUBSCRIPTION: ["subscription", "구독"],
  OVERRIDE: ["override", "수동 지정"],
  DEFINITION: ["definition", "정의"],
  to: ["{name} to {who}", "{name}, 받는 사람: {who}"],
  silent: ["no answer", "무응답"],
  use: ["Show usage", "사용 기록 표시"],
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
export interface Told {
  account: AccountNode;
  overrides: Overrides;
}

export function happenings({ account, overrides }: Told): Happening[] {
  const raised = (account.signals?.edges ?? []).map(({ node }) => ({ at: node.raisedOn, key: node.id, show: <Raised signal={node} /> }));
  const sent = (account.deliveries?.edges ?? []).map(({ node }) => ({ at: node.createdAt, key: node.key, show: <Sent delivery={node} /> }));
  const answers = account.answers.edges.map(({ node }) => ({ at: node.occurredAt, key: node.id, show: <Said entry={node} /> }));
  const became = account.history
    .filter((period) => period.from && period.value !== null)
    .map((period) => ({ at: period.from!, key: period.attribute + period.from, show: <span>{told(period)}</span> }));
  const happened = (account.score ? marksOf(account, overrides) : []).map((mark) => ({
    at: mark.day,
    key: mark.day + mark.text,
    show: <span><span class="tag">{t(mark.kind as "OTHER")}</span> {mark.text}</span>,
  }));
  const used = account.events.edges.map(({ node }, at) => ({
    at: node.occurredAt,
    key: `event ${at}`,
    isUse: true,
    show: <span>{node.name} <span class="faint">{node.person?.name}</span></span>,
  }));
  return [...raised, ...sent, ...answers, ...became, ...happened, ...used].sort((one, other) => other.at.localeCompare(one.at));
}

export function Timeline(props: Told) {
  const [withUse, setWithUse] = useState(false);
  const all = happenings(props);
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

function Raised({ signal }: { signal: Signal }) {
  const state = signal.clearedOn ? t("over", { day: day(signal.clearedOn, { year: false }) }) : signal.acknowledgedBy ? t("known") : t("open");
  return (
    <span>
      <span class={`tag ${signal.kind === "RISK" ? "bad" : "good"}`}>{said(signal.kind)}</span> {signal.rule?.name}{" "}
      <span class="faint">{[state, signal.reason].filter(Boolean).join(", ")}</span>
    </span>
  );
}

/** What went out about the account: by what, to whom, and what became of it; what it said only to who may see persons. */
function Sent({ delivery: { origin, name, channel, subject, state, said: why, person } }: { delivery: Delivery }) {
  const who = person?.name || person?.externalId || channel;
  return (
    <span title={(state === "SENT" ? null : why) ?? undefined}>
      <span class="tag">{said(origin)}</span> {t("to", { name, who })}
      {subject && <> <q>{subject}</q></>} <span class={state === "DEAD" ? "warn" : "faint"}>{said(state)}</span>
    </span>
  );
}

function Said({ entry }: { entry: Entry }) {
  const who = entry.person?.name || entry.person?.externalId;
  return (
    <span>
      {entry.score !== null ? <b>{t("score", { instrument: entry.instrument, score: number(entry.score) })}</b> : <span class="tag">{entry.instrument}</span>}
      {entry.score === null && !entry.text && <span class="faint"> {t("silent")}</span>}
      {entry.text && <> <q>{entry.text}</q></>}
      {who && <span class="faint"> {who}</span>}
      {entry.tags.map((tag) => <span key={tag} class="tag">{tag}</span>)}
    </span>
  );
}

function told({ attribute, value }: Period): string {
  const name = attribute.replace(/^traits\./, "");
  return t("became", { attribute: ATTRIBUTES.has(name) ? t(name as "plan") : name, value: name === "stage" ? said(String(value)) : String(value) });
}
