/** Conditions of segments: those that are built by clicking, and how any of them reads. */
import { said } from "../../words/enums";
import { words } from "../../words/words";

export type Node = { type: string } & Record<string, unknown>;
export type Subject = "ACCOUNT" | "PERSON";

export const t = words({
  plan: ["Plan is", "요금제"],
  stage: ["Stage is", "단계"],
  trait: ["Trait", "속성"],
  did: ["Did", "이벤트 발생"],
  did_not: ["Did not do", "이벤트 미발생"],
  answered: ["Answered the survey", "설문 응답"],
  metric: ["Metric", "지표"],
  band: ["Band of a metric", "지표 상태"],
  has_persons: ["Has persons", "사용자 있음"],
  not: ["not ({rule})", "({rule}) 아님"],
  all: [" and ", " 그리고 "],
  any: [" or ", " 또는 "],
  everybody: ["everybody", "전체"],
  isOneOf: ["{what} is {values}", "{what}: {values}"],
  didTimes: ["did {event} at least {times} time{times|s} in {days} day{days|s}", "{days}일 안에 {event} {times}회 이상"],
  didNot: ["did not do {event} in {days} days", "{days}일 안에 {event} 없음"],
  between: ["{what} from {low} to {high}", "{what} {low}~{high}"],
  persons: ["at least {count} person{count|s}: {rule}", "사용자 {count}명 이상: {rule}"],
});

/** The kinds that the builder offers, by what they are about. */
export const KINDS: Record<Subject, readonly ("plan" | "stage" | "trait" | "did" | "did_not" | "answered" | "metric" | "band")[]> = {
  ACCOUNT: ["plan", "stage", "trait", "did", "did_not", "answered", "metric", "band"],
  PERSON: ["did", "did_not", "answered", "trait"],
};

/** A condition that says nothing yet, for its fields to be filled in. */
export function fresh(kind: string): Node {
  const starts: Record<string, Node> = {
    plan: { type: "plan", any_of: [] },
    stage: { type: "stage", any_of: ["CUSTOMER"] },
    trait: { type: "trait", name: "", any_of: [] },
    did: { type: "did", event: "", times: 1, days: 30 },
    did_not: { type: "did_not", event: "", days: 30 },
    answered: { type: "answered", instrument: "nps", days: 90 },
    metric: { type: "metric", metric: "", at_least: null, at_most: null },
    band: { type: "band", metric: "", any_of: ["RED"] },
  };
  return starts[kind]!;
}

/** Without fields that were left empty, as the server wants it. */
export function pruned(node: Node): Node {
  const kept = Object.entries(node).filter(([, one]) => one !== null && one !== "" && !(node.type === "trait" && Array.isArray(one) && !one.length));
  return Object.fromEntries(kept) as Node;
}

/** Whether enough is said for the server to count. */
export function isComplete(node: Node): boolean {
  if ("any_of" in node && node.type !== "trait") return (node.any_of as unknown[]).length > 0 && node.metric !== "";
  return node.event !== "" && node.name !== "" && node.metric !== "" && node.instrument !== "";
}

/** The condition in words. */
export function describe(node: Node | null): string {
  if (!node) return "";
  const list = (of: unknown) => (of as unknown[]).map((one) => (node.type === "plan" ? String(one) : said(String(one))) || "–").join(t("any"));
  switch (node.type) {
    case "all":
    case "any": {
      const parts = node.of as Node[];
      return parts.length ? parts.map(describe).join(t(node.type)) : t("everybody");
    }
    case "not":
      return t("not", { rule: describe(node.of as Node) });
    case "plan":
    case "stage":
      return t("isOneOf", { what: t(node.type).replace(/ is$/, ""), values: list(node.any_of) });
    case "did":
      return t("didTimes", { event: String(node.event), times: Number(node.times ?? 1), days: Number(node.days ?? 30) });
    case "did_not":
      return t("didNot", { event: String(node.event), days: Number(node.days ?? 30) });
    case "has_persons":
      return t("persons", { count: Number(node.at_least ?? 1), rule: describe(node.persons as Node) });
    default: {
      const what = String(node.metric ?? node.name ?? node.instrument ?? node.type);
      if (Array.isArray(node.any_of)) return t("isOneOf", { what, values: list(node.any_of) });
      if (node.at_least != null || node.at_most != null) return t("between", { what, low: String(node.at_least ?? "…"), high: String(node.at_most ?? "…") });
      return what;
    }
  }
}
