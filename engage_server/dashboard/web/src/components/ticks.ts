/** Where an axis is labelled: round numbers, and days that one reckons by. */
import { daysBetween, shiftDay } from "../words/format";

/** Round numbers from one end to the other, about as many as are wanted. */
export function valueTicks(low: number, high: number, wanted: number): number[] {
  const rough = (high - low) / Math.max(1, wanted);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * size).find((one) => one >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** Days, weeks, or first days of months from one day to the other, at most as many as there is room for. */
export function dayTicks(first: string, last: string, most: number): string[] {
  const days = daysBetween(first, last);
  const step = [1, 2, 7, 14].find((one) => days / one < most);
  if (step) return Array.from({ length: Math.floor(days / step) + 1 }, (_, at) => shiftDay(first, at * step));
  const months = [1, 2, 3, 6, 12, 24, 60].find((one) => days / 30.4 / one < most) ?? 120;
  const found: string[] = [];
  let [year = 0, month = 1] = first.split("-").map(Number);
  for (let day = first; day <= last; month === 12 ? ((year += 1), (month = 1)) : (month += 1)) {
    day = `${year}-${String(month).padStart(2, "0")}-01`;
    if (first <= day && day <= last && (year * 12 + month - 1) % months === 0) found.push(day);
  }
  return found;
}
