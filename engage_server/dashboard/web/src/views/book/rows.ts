import type { BookQuery } from "../../api/documents";
import { local } from "../../api/session";
import { bandOf } from "../../components/Band";
import { number, share, shiftDay } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  reason: ["{label}: {value}, weighs {weight}", "{label}: {value}, 가중치 {weight}"],
  missing: ["{label}: no value", "{label}: 값 없음"],
});

export type Account = BookQuery["accounts"]["edges"][number]["node"];
type Value = NonNullable<Account["metric"]>;
type Part = Value["contributions"][number];

/** An account as the book shows it. */
export interface Row {
  account: Account;
  value: number | null;
  band: string | null;
  week: number | null;
  month: number | null;
  reason: string;
  ageDays: number | null;
  /** By how much it fell in 30 days, times what the account is worth; null where one of them is not known. */
  stake: number | null;
}

/** @param hasWorth whether what it is worth was asked for. */
export function row(found: Account, hasWorth: boolean): Row {
  const account = hasWorth ? found : { ...found, worth: null };
  const value = account.metric;
  const month = value ? changeSince(value, 30) : null;
  return {
    account,
    value: value?.value ?? null,
    band: value ? bandOf(value.details) : null,
    week: value ? changeSince(value, 7) : null,
    month,
    reason: value ? reason(value) : "",
    ageDays: value?.ageDays ?? null,
    stake: stake(account, month),
  };
}

function stake({ metric, worth }: Account, month: number | null): number | null {
  if (!metric || month === null || worth?.value == null) return null;
  return Math.max(0, metric.direction === "DOWN" ? month : -month) * worth.value;
}

/** The value less that of so many days before, or of the last day before that which has one. */
function changeSince({ value, day, sparkline: series }: Value, days: number): number | null {
  const wanted = shiftDay(day, -days);
  const at = series.days.findLastIndex((one, index) => one <= wanted && series.values[index] != null);
  const before = series.values[at];
  return value == null || before == null ? null : value - before;
}

/** The part that costs most: the one the details name as driver, else the one farthest below full, by its weight. */
function reason({ details, contributions }: Value): string {
  const driver = (details as Record<string, unknown> | null)?.driver;
  const part = contributions.find((one) => one.key === driver) ?? costliest(contributions);
  if (!part) return "";
  if (part.value === null) return t("missing", { label: local(part.label) });
  return t("reason", { label: local(part.label), value: number(part.value, 0), weight: share(part.weight) });
}

function costliest(parts: readonly Part[]): Part | undefined {
  const cost = (part: Part) => (part.weight ?? 0) * (100 - (part.value ?? 100));
  return parts.filter((part) => cost(part) > 0).sort((one, other) => cost(other) - cost(one))[0];
}
