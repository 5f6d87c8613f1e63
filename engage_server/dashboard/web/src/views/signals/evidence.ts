/** The figures that raised a signal, as a sentence; what each trigger keeps: docs/signals.md. */
import { number } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  below: ["{what} {value}, below {edge}", "{what} {value}, {edge} 미만"],
  above: ["{what} {value}, above {edge}", "{what} {value}, {edge} 초과"],
  change: ["{what} {value}, {former} {days} day{days|s} before", "{what} {value}, {days}일 전 {former}"],
  unusual: ["{what} {value}, expected {low} to {high}", "{what} {value}, 예상 {low}~{high}"],
  value: ["{what} {value}", "{what} {value}"],
  notDone: ["{event} not done within {days} day{days|s} after {after}", "{after} 후 {days}일 안에 {event} 없음"],
  done: ["{event}: {value} time{value|s} in {days} day{days|s}", "{days}일간 {event} {value}회"],
  entered: ["Entered segment {segment}", "세그먼트 {segment} 진입"],
  left: ["Left segment {segment}", "세그먼트 {segment} 이탈"],
  renewal: ["Renewal in {value} day{value|s}", "{value}일 후 갱신"],
  renews: ["Renewal within {days} day{days|s}", "{days}일 안에 갱신"],
});

/** Empty where the figures are withheld, or name nothing that is known here. */
export function told(evidence: unknown, titleOf: (metric: string) => string): string {
  const figures = (evidence ?? {}) as Record<string, unknown>;
  const said = Object.fromEntries(Object.entries(figures).map(([key, one]) => [key, typeof one === "number" ? number(one) : String(one)]));
  const of = (key: keyof typeof figures) => (typeof figures[key] === "number" ? (figures[key] as number) : null);
  if (figures.metric) return ofMetric({ ...said, what: titleOf(String(figures.metric)) }, of);
  if (figures.after) return t("notDone", said);
  if (figures.event) return t("done", said);
  if (figures.segment) return t(figures.moved === "left" ? "left" : "entered", said);
  if (figures.days_ahead) return of("value") === null ? t("renews", { days: said.days_ahead! }) : t("renewal", said);
  return "";
}

function ofMetric(said: Record<string, string>, of: (key: string) => number | null): string {
  const [value, edge] = [of("value"), of("edge")];
  if (value !== null && edge !== null) return t(value < edge ? "below" : "above", said);
  if (of("former") !== null) return t("change", said);
  return t(of("low") !== null ? "unusual" : "value", said);
}
