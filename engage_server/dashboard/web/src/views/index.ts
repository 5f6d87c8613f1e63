/** All views, in the order of the navigation. A view is added here and nowhere else. */
import type { ComponentType } from "preact";
import { AccountPages } from "./account/AccountPages";
import { Book, title as book } from "./book/Book";
import { MetricPages } from "./metric/MetricPages";
import { title as metrics } from "./metric/Metrics";
import { SetupPages, title as setup } from "./setup/SetupPages";

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
  { path: "metrics", title: metrics, show: MetricPages },
  { path: "setup", title: setup, show: SetupPages },
];

/** Whether there is a view at this first part of an address. */
export const hasView = (path: string): boolean => views.some((view) => view.path === path);
