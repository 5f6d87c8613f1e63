/** All views, in the order of the navigation. A view is added here and nowhere else. */
import type { ComponentType } from "preact";
import { Adoption, title as adoption } from "./adoption/Adoption";
import { AccountPages } from "./account/AccountPages";
import { Book, title as book } from "./book/Book";
import { Cohorts, title as cohorts } from "./cohorts/Cohorts";
import { DataPages, title as data } from "./data/DataPages";
import { MetricPages } from "./metric/MetricPages";
import { title as metrics } from "./metric/Metrics";
import { Moved, title as moved } from "./moved/Moved";
import { SetupPages, title as setup } from "./setup/SetupPages";
import { Signals, title as signals } from "./signals/Signals";
import { Surveys, title as surveys } from "./surveys/Surveys";

export interface View {
  /** First part of the address below the dashboard's root. */
  path: string;
  /** What the navigation says; a view without it is reached from others. */
  title?: () => string;
  /** Gets the further parts of the address. */
  show: ComponentType<{ rest: readonly string[] }>;
}

export const views: readonly View[] = [
  { path: "", title: book, show: Book },
  { path: "accounts", show: AccountPages },
  { path: "signals", title: signals, show: Signals },
  { path: "moved", title: moved, show: Moved },
  { path: "metrics", title: metrics, show: MetricPages },
  { path: "cohorts", title: cohorts, show: Cohorts },
  { path: "adoption", title: adoption, show: Adoption },
  { path: "surveys", title: surveys, show: Surveys },
  { path: "data", title: data, show: DataPages },
  { path: "setup", title: setup, show: SetupPages },
];

/** Whether there is a view at this first part of an address. */
export const hasView = (path: string): boolean => views.some((view) => view.path === path);
