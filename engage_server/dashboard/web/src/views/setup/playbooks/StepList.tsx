import { useState } from "preact/hooks";
import { PreviewDocument } from "../../../api/documents";
import { ask, type Failure } from "../../../api/client";
import { Field, NumberField, SelectField, TextField } from "../../../components/form/Fields";
import { Refusal } from "../../../components/form/Refusal";
import { words } from "../../../words/words";
import { Branch } from "./Branch";
import { DEEPEST, fresh, isKnown, KINDS, nameOf, type Step, t as kind } from "./steps";
import { Variants } from "./Variants";

const t = words({
  step: ["Step {number}", "{number}단계"],
  survey: ["Survey", "설문"],
  add: ["Add a step", "단계 추가"],
  remove: ["Remove step {number}", "{number}단계 삭제"],
  up: ["Step {number} earlier", "{number}단계 앞으로"],
  channel: ["By", "채널"],
  subject: ["Subject", "제목"],
  text: ["Text", "본문"],
  hint: ["May name {{ account.name }}, {{ account.owner }}, {{ signal.raised_on }} and others.", "{{ account.name }}, {{ account.owner }}, {{ signal.raised_on }} 등을 쓸 수 있습니다."],
  days: ["Days", "일"],
  hours: ["Hours", "시간"],
  due: ["Due in days", "기한(일)"],
  preview: ["What {account} would read", "{account}에 보이는 내용"],
});

/** What steps name by its number. */
export interface Choice {
  number: number;
  name: string;
}

export interface Known {
  channels: readonly Choice[];
  segments: readonly Choice[];
  surveys: readonly Choice[];
  /** Whom messages are previewed for. */
  sample: { id: string; name: string } | null;
}

interface Props {
  steps: readonly Step[];
  onChange: (steps: Step[]) => void;
  known: Known;
  /** Where the steps are those of a branch: what stands before their numbers, and how deep it is. */
  prefix?: string;
  depth?: number;
}

/** Steps one below the other; what the page does not know is shown as it is and kept. */
export function StepList({ steps, onChange, known, prefix = "", depth = 0 }: Props) {
  const kinds = KINDS.filter((one) => one !== "branch" || depth < DEEPEST);
  const set = (index: number, next: Step) => onChange(steps.map((one, at) => (at === index ? next : one)));
  const lift = (index: number) => onChange(steps.map((one, at) => (at === index - 1 ? steps[index]! : at === index ? steps[index - 1]! : one)));
  return (
    <>
      <ol class="conditions">
        {steps.map((step, index) => {
          const number = `${prefix}${index + 1}`;
          return (
            <li key={index} class="row">
              {isKnown(step) ? (
                <SelectField label={t("step", { number })} value={step.type} onChange={(next) => set(index, fresh(next))} options={kinds.map((one) => [one, kind(one)] as const)} />
              ) : (
                <p>{t("step", { number })}: {nameOf(step.type)} <code>{JSON.stringify(step)}</code></p>
              )}
              <Details step={step} onChange={(next) => set(index, next)} known={known} />
              {index > 0 && <button type="button" class="quiet" aria-label={t("up", { number })} onClick={() => lift(index)}>↑</button>}
              <button type="button" class="quiet" aria-label={t("remove", { number })} onClick={() => onChange(steps.filter((_, at) => at !== index))}>✕</button>
              {step.type === "branch" && <Branch Steps={StepList} step={step} onChange={(next) => set(index, next)} known={known} number={number} depth={depth + 1} />}
            </li>
          );
        })}
      </ol>
      <button type="button" aria-label={prefix && `${t("add")} (${prefix})`} onClick={() => onChange([...steps, fresh("wait")])}>{t("add")}</button>
    </>
  );
}

/** One of those that are known, by its number. */
export function ChoiceField({ label, value, onChange, options }: { label: string; value: unknown; onChange: (number: number | null) => void; options: readonly Choice[] }) {
  return <SelectField label={label} value={String(value ?? "")} onChange={(next) => onChange(next ? Number(next) : null)} options={[["", "–"], ...options.map((one) => [String(one.number), one.name] as const)]} />;
}

interface DetailsProps {
  step: Step;
  onChange: (step: Step) => void;
  known: Known;
}

function Details({ step, onChange, known: { channels, segments, surveys, sample } }: DetailsProps) {
  const set = (changes: Record<string, unknown>) => onChange({ ...step, ...changes });
  if (step.type === "wait") {
    return (
      <>
        <NumberField label={t("days")} value={step.days as number} min={0} max={366} whole onChange={(days) => set({ days: days ?? 0 })} />
        <NumberField label={t("hours")} value={step.hours as number} min={0} max={72} whole onChange={(hours) => set({ hours: hours ?? 0 })} />
      </>
    );
  }
  const line = (key: string, label: string) => <TextField label={label} value={String(step[key] ?? "")} onChange={(next) => set({ [key]: next })} required />;
  if (step.type === "annotation") return line("text", t("text"));
  if (step.type === "task") {
    return (
      <>
        {line("title", t("subject"))}
        <NumberField label={t("due")} value={(step.due_days as number | null | undefined) ?? null} min={0} max={366} whole onChange={(due_days) => set({ due_days })} />
      </>
    );
  }
  if (step.type === "survey") {
    return (
      <>
        <ChoiceField label={t("survey")} value={step.survey} onChange={(survey) => set({ survey })} options={surveys} />
        <ChoiceField label={t("channel")} value={step.channel} onChange={(channel) => set({ channel })} options={channels} />
      </>
    );
  }
  if (step.type !== "message") return null;
  return (
    <>
      <ChoiceField label={t("channel")} value={step.channel} onChange={(channel) => set({ channel })} options={channels} />
      {line("subject", t("subject"))}
      <Field label={t("text")} hint={t("hint")}>
        {(id, hint) => <textarea id={id} rows={3} aria-describedby={hint} value={String(step.text ?? "")} onInput={(event) => set({ text: event.currentTarget.value })} />}
      </Field>
      {sample && <Preview step={step} sample={sample} />}
      <Variants step={step} onChange={onChange} segments={segments} />
    </>
  );
}

function Preview({ step, sample }: { step: Step; sample: { id: string; name: string } }) {
  const [seen, setSeen] = useState<{ subject: string; text: string } | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const look = async () => {
    const answer = await ask(PreviewDocument, { subject: String(step.subject), text: String(step.text ?? ""), account: sample.id });
    setSeen(answer.data?.messagePreview ?? null);
    setFailure(answer.failure);
  };
  return (
    <div>
      <button type="button" class="quiet" disabled={!step.subject} onClick={look}>{t("preview", { account: sample.name })}</button>
      <Refusal failure={failure} />
      {seen && <blockquote class="note" role="status"><b>{seen.subject}</b><br />{seen.text}</blockquote>}
    </div>
  );
}
