/** All views, in the order of the navigation. A view is added here and nowhere else; its script loads when it is opened. */
import { type Later, later } from "../shell/later";
import { words } from "../words/words";

const t = words({
  book: ["My book", "내 고객"],
  signals: ["Signals", "신호"],
  tasks: ["Tasks", "할 일"],
  moved: ["What moved", "변화"],
  metrics: ["Metrics", "지표"],
  cohorts: ["Cohorts", "코호트"],
  adoption: ["Adoption", "도입"],
  surveys: ["NPS and effort", "NPS와 노력도"],
  data: ["Data", "데이터"],
  setup: ["Set-up", "설정"],
});

/** Gets the further parts of the address. */
export interface Place {
  rest: readonly string[];
}

export interface View extends Later<Place> {
  /** First part of the address below the dashboard's root. */
  path: string;
  /** What the navigation says; a view without it is reached from others. */
  title?: () => string;
}

export const views: readonly View[] = [
  { path: "", title: () => t("book"), ...later<Place>(async () => (await import("./book/Book")).Book) },
  { path: "accounts", ...later<Place>(async () => (await import("./account/AccountPages")).AccountPages) },
  { path: "signals", title: () => t("signals"), ...later<Place>(async () => (await import("./signals/Signals")).Signals) },
  { path: "tasks", title: () => t("tasks"), ...later<Place>(async () => (await import("./tasks/Tasks")).Tasks) },
  { path: "moved", title: () => t("moved"), ...later<Place>(async () => (await import("./moved/Moved")).Moved) },
  { path: "metrics", title: () => t("metrics"), ...later<Place>(async () => (await import("./metric/MetricPages")).MetricPages) },
  { path: "cohorts", title: () => t("cohorts"), ...later<Place>(async () => (await import("./cohorts/Cohorts")).Cohorts) },
  { path: "adoption", title: () => t("adoption"), ...later<Place>(async () => (await import("./adoption/Adoption")).Adoption) },
  { path: "surveys", title: () => t("surveys"), ...later<Place>(async () => (await import("./surveys/Surveys")).Surveys) },
  { path: "data", title: () => t("data"), ...later<Place>(async () => (await import("./data/DataPages")).DataPages) },
  { path: "setup", title: () => t("setup"), ...later<Place>(async () => (await import("./setup/SetupPages")).SetupPages) },
];
