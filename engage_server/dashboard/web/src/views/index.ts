/** All views, in the order of the navigation. A view is added here and nowhere else. */
import type { ComponentType } from "preact";
import { Book, title as book } from "./book/Book";

export interface View {
  /** First part of the address below the dashboard's root. */
  path: string;
  /** What the navigation says; a view without it is reached from others. */
  title?: () => string;
  /** Gets the further parts of the address. */
  show: ComponentType<{ rest: readonly string[] }>;
}

export const views: readonly View[] = [{ path: "", title: book, show: Book }];
