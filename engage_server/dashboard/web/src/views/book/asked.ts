/** What the book asks of the API for a place of the dashboard. */
import type { BookQueryVariables } from "../../api/documents";
import type { Chosen } from "./chosen";
import { filterOf } from "./filter";

// Rows that are asked for at first, which are soon there, and those that follow once they are drawn: a page in all, so that a
// look costs a small part of what may be asked in a minute.
export const [AT_FIRST, THEN] = [12, 188];

export function asked({ score, worth }: Chosen, query: URLSearchParams, first: number, after: string | null): BookQueryVariables {
  return {
    first,
    after,
    where: filterOf(query),
    order: worth ? { atStake: { risk: score, worth, days: 30 } } : { metric: { id: score } },
    score,
    // Where nothing is measured in money it is asked for and not shown: a list with a condition in it (`@include`) is answered
    // in three times the time.
    worth: worth ?? score,
  };
}
