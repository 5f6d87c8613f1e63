/** Numbers, money, days and ages as the reader's own locale writes them. */
import { language, words } from "./words";

export const NONE = "–";

const t = words({
  justNow: ["just now", "방금"],
  points: ["{value} pts", "{value}점"],
});

function locale(): string {
  return navigator.languages.find((tag) => tag.startsWith(language.value)) ?? language.value;
}

// Making one takes longer than a hundred uses of it.
const made = new Map<string, Intl.NumberFormat>();
const ofDays = new Map<string, Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale() + JSON.stringify(options);
  let found = made.get(key);
  if (!found) made.set(key, (found = new Intl.NumberFormat(locale(), options)));
  return found;
}

export const isCurrency = (unit: string): boolean => /^[A-Z]{3}$/.test(unit);

const MOST_DIGITS = 4;

/**
 * How many digits tell something: none from a hundred on, one from ten on, two below; more where these would write a whole
 * number that it is not: 49.97 is below a limit of 50.
 */
function digits(value: number): number {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return 0;
  let most = size >= 10 ? 1 : 2;
  while (most < MOST_DIGITS && Number.isInteger(Number(value.toFixed(most)))) most += 1;
  return most;
}

export function number(value: number | null | undefined, places?: number): string {
  if (value == null) return NONE;
  const most = places ?? digits(value);
  return numbers({ maximumFractionDigits: most, minimumFractionDigits: places ?? 0 }).format(value);
}

export function signed(value: number | null | undefined, places?: number): string {
  if (value == null) return NONE;
  const most = places ?? digits(value);
  return numbers({ maximumFractionDigits: most, minimumFractionDigits: places ?? 0, signDisplay: "exceptZero" }).format(value);
}

/** A share between 0 and 1 in per cent. */
export function share(value: number | null | undefined): string {
  return value == null ? NONE : numbers({ style: "percent", maximumFractionDigits: 0 }).format(value);
}

/** A value with its unit; money by its currency. */
export function measured(value: number | null | undefined, unit: string): string {
  if (value == null) return NONE;
  if (isCurrency(unit)) return money(value, unit);
  if (unit === "%") return `${number(value)} %`;
  return unit && unit !== "points" && unit !== "점" ? `${number(value)} ${unit}` : number(value);
}

export function money(value: number, currency: string): string {
  return numbers({ style: "currency", currency, maximumFractionDigits: 0 }).format(value);
}

const DAY_MS = 86_400_000;

/** A calendar day such as 2026-06-30, which is no moment and belongs to no zone. */
export function day(text: string | null | undefined, { year = true }: { year?: boolean } = {}): string {
  if (!text) return NONE;
  const key = `${locale()} ${year}`;
  let found = ofDays.get(key);
  if (!found) {
    const parts: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", timeZone: "UTC" };
    ofDays.set(key, (found = new Intl.DateTimeFormat(locale(), year ? { ...parts, year: "numeric" } : parts)));
  }
  return found.format(new Date(`${text.slice(0, 10)}T00:00:00Z`));
}

export function moment(text: string | null | undefined): string {
  if (!text) return NONE;
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
}

/** How long ago, in the largest unit that fits. */
export function ago(then: Date | string | null | undefined, now: Date = new Date()): string {
  if (!then) return NONE;
  const seconds = (now.getTime() - new Date(then).getTime()) / 1000;
  if (seconds < 10) return t("justNow");
  const units: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, each]) => seconds >= each) ?? ["second", 1];
  const text = new Intl.RelativeTimeFormat(locale(), { numeric: "always", style: "narrow" });
  return text.format(-Math.floor(seconds / size), unit);
}

export const today = (): string => new Date().toISOString().slice(0, 10);

export function shiftDay(text: string, days: number): string {
  return new Date(Date.parse(`${text}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / DAY_MS);
}
