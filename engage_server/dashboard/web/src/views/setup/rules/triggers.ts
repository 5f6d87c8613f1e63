/** When a rule speaks: the kinds that are built by clicking, and how any of them reads. The words are those of docs/signals.md. */
import { words } from "../../../words/words";

export type Trigger = { type: string } & Record<string, unknown>;

export const t = words({
  value: ["A metric's value", "지표의 값"],
  change: ["A metric's change", "지표의 변화"],
  anomaly: ["A metric is unusual", "지표의 이상"],
  segment: ["Into or out of a segment", "세그먼트 진입·이탈"],
  event: ["An event is done", "이벤트 발생"],
  not_done: ["An event is not done in time", "기한 안에 이벤트 미발생"],
  renewal: ["A renewal is ahead", "갱신 임박"],
  isBelow: ["{metric} below {edge}", "{metric} {edge} 미만"],
  isAbove: ["{metric} above {edge}", "{metric} {edge} 초과"],
  falls: ["{metric} falls by {size} within {days} day{days|s}", "{metric} {days}일 안에 {size} 하락"],
  rises: ["{metric} rises by {size} within {days} day{days|s}", "{metric} {days}일 안에 {size} 상승"],
  unusual: ["{metric} unusually {side}", "{metric} 평소보다 {side}"],
  LOW: ["low", "낮음"],
  HIGH: ["high", "높음"],
  BOTH: ["low or high", "낮음 또는 높음"],
  entered: ["comes into {segment}", "{segment} 진입"],
  left: ["leaves {segment}", "{segment} 이탈"],
  didTimes: ["{event} done {times} time{times|s} in {days} day{days|s}", "{days}일 안에 {event} {times}회"],
  notIn: ["{event} not done within {days} day{days|s} after {after}", "{after} 후 {days}일 안에 {event} 없음"],
  renews: ["renewal within {days} day{days|s}", "{days}일 안에 갱신"],
});

export const KINDS = ["value", "change", "anomaly", "segment", "event", "not_done", "renewal"] as const;
/** Those that rest on a count, which a rule can want to be no smaller than so many. */
export const WITH_COUNT: readonly string[] = ["value", "change", "anomaly"];

/** A trigger that says nothing yet, for its fields to be filled in. */
export function fresh(kind: string): Trigger {
  const starts: Record<string, Trigger> = {
    value: { type: "value", metric: "", below: null },
    change: { type: "change", metric: "", days: 30, falls_by: null },
    anomaly: { type: "anomaly", metric: "", side: "LOW" },
    segment: { type: "segment", segment: null, moved: "entered" },
    event: { type: "event", event: "", times: 1, days: 7 },
    not_done: { type: "not_done", after: "", event: "", within_days: 14 },
    renewal: { type: "renewal", days_ahead: 60 },
  };
  return starts[kind]!;
}

/** Without fields that were left empty, as the server wants it. */
export function pruned(trigger: Trigger): Trigger {
  return Object.fromEntries(Object.entries(trigger).filter(([, one]) => one !== null && one !== "")) as Trigger;
}

/** The same trigger with the opposite way; the size stays. */
export function turned(trigger: Trigger, [from, to]: readonly [string, string]): Trigger {
  const { [from]: size = null, [to]: _, ...rest } = trigger;
  return { ...rest, [to]: size } as Trigger;
}

/** Whether enough is said for the server to try it. */
export function isComplete(trigger: Trigger): boolean {
  const wanted: Record<string, readonly (readonly string[])[]> = {
    value: [["metric"], ["below", "above"]],
    change: [["metric"], ["falls_by", "rises_by"], ["days"]],
    anomaly: [["metric"]],
    segment: [["segment"]],
    event: [["event"], ["times"], ["days"]],
    not_done: [["after"], ["event"], ["within_days"]],
    renewal: [["days_ahead"]],
  };
  return (wanted[trigger.type] ?? []).every((ways) => ways.some((key) => trigger[key] != null && trigger[key] !== ""));
}

/** The trigger in words. */
export function describe(trigger: Trigger, titleOf: (metric: string) => string, nameOf: (segment: number) => string): string {
  const text = (key: string, otherwise: unknown = "") => String(trigger[key] ?? otherwise);
  const metric = trigger.metric ? titleOf(text("metric")) : "";
  const size = (key: string) => (trigger.relative ? `${Math.round(Number(trigger[key]) * 100)} %` : text(key));
  switch (trigger.type) {
    case "value":
      return trigger.below != null ? t("isBelow", { metric, edge: text("below") }) : t("isAbove", { metric, edge: text("above") });
    case "change":
      return trigger.falls_by != null ? t("falls", { metric, size: size("falls_by"), days: text("days", 7) }) : t("rises", { metric, size: size("rises_by"), days: text("days", 7) });
    case "anomaly":
      return t("unusual", { metric, side: t(text("side", "BOTH") as "LOW") });
    case "segment":
      return t(text("moved") as "left", { segment: nameOf(Number(trigger.segment)) });
    case "event":
      return t("didTimes", { event: text("event"), times: text("times", 1), days: text("days", 1) });
    case "not_done":
      return t("notIn", { event: text("event"), after: text("after"), days: text("within_days") });
    case "renewal":
      return t("renews", { days: text("days_ahead", 30) });
    default:
      return trigger.type;
  }
}
