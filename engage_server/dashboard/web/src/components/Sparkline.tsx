import { daysBetween } from "../words/format";
import { pathOf, scaleOf } from "./scale";

interface Props {
  days: readonly string[];
  values: readonly (number | null)[];
  /** For readers of screens. */
  label: string;
  width?: number;
  height?: number;
}

/** The way of a value at a glance: no axis, gaps where values are missing, a dot at the newest. */
export function Sparkline({ days, values, label, width = 92, height = 22 }: Props) {
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) return <span class="faint" title={label}>–</span>;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const flat = high - low < 1e-9;
  const first = days[0]!;
  const x = scaleOf([0, Math.max(1, daysBetween(first, days[days.length - 1]!))], [2, width - 4]);
  const y = scaleOf(flat ? [low - 1, low + 1] : [low, high], [height - 3, 3]);
  const at = (index: number) => x(daysBetween(first, days[index]!));
  const path = pathOf(values.map((value, index) => (value === null ? null : [at(index), y(value)])));
  const last = values.findLastIndex((value) => value !== null);
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <path d={path} />
      <circle cx={at(last)} cy={y(values[last]!)} r={2.2} />
    </svg>
  );
}
