import type { Point } from "./TimeChart";

/** A series as the API tells it: columns of equal length. */
export interface Columns {
  days: readonly string[];
  values: readonly (number | null)[];
  ns: readonly number[];
  lows: readonly (number | null)[];
  highs: readonly (number | null)[];
  restated: readonly string[];
}

/** The points of a chart, one for each day. */
export function pointsOf({ days, values, ns, lows, highs, restated }: Columns): Point[] {
  const replaced = new Set(restated);
  return days.map((day, at) => ({
    day,
    value: values[at] ?? null,
    n: ns[at] ?? 0,
    low: lows[at] ?? null,
    high: highs[at] ?? null,
    isRestated: replaced.has(day),
  }));
}
