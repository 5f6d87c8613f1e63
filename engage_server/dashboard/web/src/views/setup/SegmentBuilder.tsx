import { useEffect, useState } from "preact/hooks";
import { ask, type Failure } from "../../api/client";
import { CreateSegmentDocument, SegmentSizeDocument, type SessionQuery } from "../../api/documents";
import { titleOf } from "../../api/session";
import { useChange } from "../../api/useChange";
import { CheckField, NumberField, SelectField, TextField } from "../../components/form/Fields";
import { Refusal } from "../../components/form/Refusal";
import { number } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";
import { EventField, KnownEvents } from "./EventField";
import { fresh, isComplete, KINDS, type Node, pruned, type Subject, t as kind } from "./conditions";

const t = words({
  title: ["A new segment", "새 세그먼트"],
  of: ["Of", "대상"],
  holds: ["Of whom", "조건"],
  all: ["all of these hold", "모두 충족"],
  any: ["one of these holds", "하나라도 충족"],
  add: ["Add a condition", "조건 추가"],
  not: ["not", "제외"],
  remove: ["Remove condition {number}", "조건 {number} 삭제"],
  values: ["Values, with commas between", "값(쉼표로 구분)"],
  stages: ["Stages", "단계"],
  bands: ["Bands", "상태"],
  name: ["Name", "이름"],
  times: ["at least times", "최소 횟수"],
  days: ["in days", "기간(일)"],
  instrument: ["Survey", "설문"],
  low: ["from", "이상"],
  high: ["to", "이하"],
  metric: ["Metric", "지표"],
  count: ["{count} today", "오늘 {count}"],
  counting: ["counting …", "세는 중 …"],
  save: ["Save the segment", "세그먼트 저장"],
  tracked: ["Measure every metric of it, each day", "매일 모든 지표 측정"],
  saved: ["Saved.", "저장되었습니다."],
});
const WAIT_MS = 350; // after the last change, so that one asks once a pause
const STAGES = ["LEAD", "TRIAL", "CUSTOMER", "CHURNED"] as const;
const BANDS = ["RED", "YELLOW", "GREEN", "UNKNOWN"] as const;
interface Row {
  node: Node;
  isNot: boolean;
}

/** A segment by clicking: conditions one below the other, and how many are in it, counted by the server as one builds. */
export function SegmentBuilder({ session, events }: { session: SessionQuery; events: readonly string[] }) {
  const [subject, setSubject] = useState<Subject>("ACCOUNT");
  const [joined, setJoined] = useState<"all" | "any">("all");
  const [rows, setRows] = useState<readonly Row[]>([{ node: fresh("stage"), isNot: false }]);
  const [name, setName] = useState("");
  const [tracked, setTracked] = useState(false);
  const saving = useChange(CreateSegmentDocument);
  const condition = { type: joined, of: rows.filter(({ node }) => isComplete(node)).map(({ node, isNot }) => (isNot ? { type: "not", of: pruned(node) } : pruned(node))) };
  const { size, failure } = useSize(subject, condition);
  const set = (index: number, next: Row) => setRows(rows.map((one, at) => (at === index ? next : one)));
  const pick = (next: Subject) => {
    setSubject(next);
    setRows([{ node: fresh(KINDS[next][0]!), isNot: false }]);
  };
  const save = async (event: Event) => {
    event.preventDefault();
    if (await saving.send({ segment: { name, subject, condition, tracked } })) setName("");
  };
  return (
    <form class="tile builder" aria-label={t("title")} onSubmit={save}>
      <header class="tile-head">
        <h2>{t("title")}</h2>
        <output class="tile-actions figure-count" aria-live="polite">{size === undefined ? t("counting") : t("count", { count: number(size) })}</output>
      </header>
      <div class="row">
        <SelectField label={t("of")} value={subject} onChange={(next) => pick(next as Subject)} options={[["ACCOUNT", said("ACCOUNT")], ["PERSON", said("PERSON")]]} />
        <SelectField label={t("holds")} value={joined} onChange={(next) => setJoined(next as "all")} options={[["all", t("all")], ["any", t("any")]]} />
      </div>
      <ol class="conditions">
        {rows.map((row, index) => (
          <li key={index} class="row">
            <SelectField label={`${index + 1}`} value={row.node.type} onChange={(next) => set(index, { ...row, node: fresh(next) })} options={KINDS[subject].map((one) => [one, kind(one)] as const)} />
            <Details node={row.node} onChange={(node) => set(index, { ...row, node })} session={session} subject={subject} />
            <CheckField label={t("not")} value={row.isNot} onChange={(isNot) => set(index, { ...row, isNot })} />
            <button type="button" class="quiet" aria-label={t("remove", { number: index + 1 })} onClick={() => setRows(rows.filter((_, at) => at !== index))}>✕</button>
          </li>
        ))}
      </ol>
      <KnownEvents names={events} />
      <Refusal failure={failure ?? saving.failure} />
      <div class="row">
        <button type="button" onClick={() => setRows([...rows, { node: fresh(KINDS[subject][0]!), isNot: false }])}>{t("add")}</button>
      </div>
      <div class="row commit">
        <TextField label={t("name")} value={name} onChange={setName} required />
        <CheckField label={t("tracked")} value={tracked} onChange={setTracked} />
        <button type="submit" class="primary" disabled={!name || !condition.of.length || saving.busy}>{t("save")}</button>
        <span role="status">{saving.data && t("saved")}</span>
      </div>
    </form>
  );
}

/** How many fit, a moment after the last change; undefined while they are counted, null where it is not for the reader. */
function useSize(subject: Subject, condition: Node): { size: number | null | undefined; failure: Failure | null } {
  const [found, setFound] = useState<{ size: number | null | undefined; failure: Failure | null }>({ size: undefined, failure: null });
  const asked = JSON.stringify(condition);
  useEffect(() => {
    let isCurrent = true;
    setFound({ size: undefined, failure: null });
    const timer = setTimeout(async () => {
      const answer = await ask(SegmentSizeDocument, { subject, condition: JSON.parse(asked) as Node });
      if (isCurrent) setFound({ size: answer.data?.segmentSize ?? null, failure: answer.failure });
    }, WAIT_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [subject, asked]);
  return found;
}

interface DetailsProps {
  node: Node;
  onChange: (node: Node) => void;
  session: SessionQuery;
  subject: Subject;
}

/** The fields of one condition. */
function Details({ node, onChange, session, subject }: DetailsProps) {
  const set = (changes: Record<string, unknown>) => onChange({ ...node, ...changes });
  const list = node.any_of as string[] | undefined;
  switch (node.type) {
    case "plan":
      return <Values value={list!} onChange={(any_of) => set({ any_of })} />;
    case "stage":
      return <Ticks label={t("stages")} members={STAGES} value={list!} onChange={(any_of) => set({ any_of })} />;
    case "trait":
      return (
        <>
          <TextField label={t("name")} value={String(node.name)} onChange={(next) => set({ name: next })} />
          <Values value={list!} onChange={(any_of) => set({ any_of })} />
        </>
      );
    case "did":
    case "did_not":
      return (
        <>
          <EventField value={String(node.event)} onChange={(event) => set({ event })} />
          {node.type === "did" && <NumberField label={t("times")} value={node.times as number} min={1} whole onChange={(times) => set({ times })} />}
          <NumberField label={t("days")} value={node.days as number} min={1} whole onChange={(days) => set({ days })} />
        </>
      );
    case "answered":
      return (
        <>
          <TextField label={t("instrument")} value={String(node.instrument)} onChange={(instrument) => set({ instrument })} />
          <NumberField label={t("days")} value={node.days as number} min={1} whole onChange={(days) => set({ days })} />
          <Range node={node} set={set} />
        </>
      );
    default:
      return (
        <>
          <SelectField
            label={t("metric")}
            value={String(node.metric)}
            onChange={(metric) => set({ metric })}
            options={[["", "–"], ...session.metrics.filter((one) => one.subjects.includes(subject)).map((one) => [one.id, titleOf(one)] as const)]}
          />
          {node.type === "band" ? <Ticks label={t("bands")} members={BANDS} value={list!} onChange={(any_of) => set({ any_of })} /> : <Range node={node} set={set} />}
        </>
      );
  }
}

function Range({ node, set }: { node: Node; set: (changes: Record<string, unknown>) => void }) {
  const of = (key: string) => (node[key] as number | null | undefined) ?? null;
  return (
    <>
      <NumberField label={t("low")} value={of("at_least")} onChange={(next) => set({ at_least: next })} />
      <NumberField label={t("high")} value={of("at_most")} onChange={(next) => set({ at_most: next })} />
    </>
  );
}

function Values({ value, onChange }: { value: readonly string[]; onChange: (value: string[]) => void }) {
  const [text, setText] = useState(value.join(", "));
  return <TextField label={t("values")} value={text} onChange={(next) => (setText(next), onChange(next.split(",").map((one) => one.trim()).filter(Boolean)))} />;
}

function Ticks({ label, members, value, onChange }: { label: string; members: readonly string[]; value: readonly string[]; onChange: (value: string[]) => void }) {
  return (
    <div class="ticks" role="group" aria-label={label}>
      {members.map((member) => (
        <label key={member}>
          <input type="checkbox" checked={value.includes(member)} onChange={(event) => onChange(members.filter((one) => (one === member ? event.currentTarget.checked : value.includes(one))))} />
          {said(member)}
        </label>
      ))}
    </div>
  );
}
