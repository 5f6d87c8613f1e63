/** By which metrics the book was looked at last: with them it is asked for at once, before it is known which there are. */
import { page } from "../../shell/page";

export interface Chosen {
  score: string;
  worth: string | null;
  /** How they are called, so that the first rows need not be drawn again once the company's metrics are known. */
  titles?: readonly [score: string, worth: string | null];
}

const STORED = `engage.book.${page.tenant}`; // ids and titles of metrics, which say nothing of anybody

export function remember(chosen: Chosen): void {
  localStorage.setItem(STORED, JSON.stringify(chosen));
}

/** What was remembered, unless the address asks for others. */
export function recall(query: URLSearchParams): Chosen | null {
  const kept = localStorage.getItem(STORED);
  if (!kept || query.get("score") || query.get("worth")) return null;
  return JSON.parse(kept) as Chosen;
}
