/** Which accounts the book shows, as the address says. */
import type { AccountFilter, AccountStage } from "../../api/documents";

export const KEYS = ["search", "plan", "stage", "owner"] as const;
export const USUAL = "CUSTOMER"; // the stage where the address names none
export const ANY = "ANY";

/** The filter that the address holds; customers where it names no stage. */
export function filterOf(query: URLSearchParams): AccountFilter | null {
  const [search, plan, stage = USUAL, owner] = KEYS.map((key) => query.get(key) ?? undefined);
  const filter: AccountFilter = {};
  if (search) filter.search = search;
  if (plan) filter.plan = [plan];
  if (stage !== ANY) filter.stage = [stage as AccountStage];
  if (owner) filter.owner = [owner];
  return Object.keys(filter).length ? filter : null;
}

/** Whether one chose which accounts are shown. */
export const isFiltered = (query: URLSearchParams): boolean => KEYS.some((key) => query.get(key));

/** Whether what one looks for may be somebody's name. */
export const mayName = (query: URLSearchParams): boolean => Boolean(query.get("search") || query.get("owner"));
