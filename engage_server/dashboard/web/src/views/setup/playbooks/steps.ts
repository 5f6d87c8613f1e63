/** What a playbook does: the steps that are built by clicking, and how any of them reads. The words are those of docs/playbooks.md. */
import { words } from "../../../words/words";

export type Step = { type: string } & Record<string, unknown>;

export const t = words({
  message: ["Send a message", "메시지 보내기"],
  wait: ["Wait", "기다리기"],
  stop_if_over: ["Stop if the signal is over", "신호가 끝났으면 중단"],
  task: ["Task for the owner", "담당자 할 일"],
  annotation: ["Note it on the charts", "차트에 기록"],
  branch: ["Branch", "분기"],
  survey: ["Ask a survey", "설문 보내기"],
  to: ["{channel}: {subject}", "{channel}: {subject}"],
  for: ["{days} d {hours} h", "{days}일 {hours}시간"],
  either: ["{name}: {then}; else {otherwise}", "{name}: {then}; 아니면 {otherwise}"],
  nothing: ["nothing", "없음"],
  forDays: ["{days} day{days|s}", "{days}일"],
});

export const KINDS = ["message", "wait", "stop_if_over", "task", "annotation", "survey", "branch"] as const;
export const DEEPEST = 2; // branches within each other

/** Other words of a message, for members of a segment. */
export interface Variant {
  segment: number | null;
  subject: string;
  text: string;
}

export function fresh(kind: string): Step {
  const starts: Record<string, Step> = {
    message: { type: "message", channel: null, subject: "", text: "" },
    wait: { type: "wait", days: 3, hours: 0 },
    stop_if_over: { type: "stop_if_over" },
    task: { type: "task", title: "", text: "", due_days: 7 },
    annotation: { type: "annotation", text: "" },
    survey: { type: "survey", survey: null, channel: null },
    branch: { type: "branch", over: false, then: [], otherwise: [] },
  };
  return starts[kind]!;
}

/** Whether it can be built here; others are kept as they are. */
export const isKnown = (step: Step): boolean => (KINDS as readonly string[]).includes(step.type);

/** Whether enough is said for the server to take it. */
export function isComplete(step: Step): boolean {
  if (step.type === "message") return step.channel !== null && step.subject !== "" && variantsOf(step).every((one) => one.segment !== null && one.subject !== "");
  if (step.type === "survey") return step.survey !== null && step.channel !== null;
  if (step.type === "branch") {
    const both = [...stepsOf(step, "then"), ...stepsOf(step, "otherwise")];
    return step.segment !== null && both.length > 0 && both.every(isComplete);
  }
  if (step.type === "wait") return Boolean(step.days || step.hours);
  if (step.type === "task") return step.title !== "";
  if (step.type === "annotation") return step.text !== "";
  return true;
}

export const stepsOf = (branch: Step, way: "then" | "otherwise"): Step[] => (branch[way] as Step[] | undefined) ?? [];

export const variantsOf = (message: Step): Variant[] => (message.variants as Variant[] | undefined) ?? [];

export const nameOf = (kind: string): string => ((KINDS as readonly string[]).includes(kind) ? t(kind as "wait") : kind);

/** The step in a few words. */
export function describe(step: Step, channelOf: (number: number) => string): string {
  const name = nameOf(step.type);
  if (step.type === "message") return t("to", { channel: channelOf(Number(step.channel)), subject: String(step.subject) });
  if (step.type === "wait") {
    const [days, hours] = [Number(step.days ?? 0), Number(step.hours ?? 0)];
    return `${name} ${hours ? t("for", { days, hours }) : t("forDays", { days })}`;
  }
  if (step.type === "branch") {
    const row = (way: "then" | "otherwise") => stepsOf(step, way).map((one) => describe(one, channelOf)).join(" → ") || t("nothing");
    return t("either", { name, then: row("then"), otherwise: row("otherwise") });
  }
  const said = step.title ?? step.text;
  return said ? `${name}: ${String(said)}` : name;
}
