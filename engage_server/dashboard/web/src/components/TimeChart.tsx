import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { day, daysBetween, measured, number } from "../words/format";
import { language, words } from "../words/words";
import { Figure, type Table } from "./Figure";
import { pathOf, type Scale, scaleOf } from "./scale";
import { dayTicks, valueTicks } from "./ticks";

const t = words({
  day: ["Day", "날짜"],
  value: ["Value", "값"],
  low: ["Low", "하한"],
  high: ["High", "상한"],
  restated: ["Restated", "정정됨"],
  yes: ["yes", "예"],
  what: ["{name}, {count} days from {from} to {to}; newest {value}", "{name}, {from}부터 {to}까지 {count}일; 최신 값 {value}"],
  interval: ["{low} to {high}", "{low}~{high}"],
});

export interface Point {
  day: string;
  value: number | null;
  low?: number | null;
  high?: number | null;
  n?: number;
  /** Replaced after it was first seen. */
  isRestated?: boolean;
}

/** Something that happened on a day and is drawn on the chart. */
export interface Mark {
  day: string;
  text: string;
  kind: string;
}

interface Props {
  name: string;
  unit: string;
  points: readonly Point[];
  marks?: readonly Mark[];
  height?: number;
}

const NO_MARKS: readonly Mark[] = []; // one and the same, so that nothing is drawn anew for it
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 8, 8, 24]; // room around the plot, in pixels
const [TICK_WIDTH, TICK_HEIGHT] = [80, 45]; // that a label of an axis has for itself
const FEW = 40; // points below which each has a dot

/** A series by day with the band of its intervals, the days that were restated, and what happened meanwhile. */
export function TimeChart({ name, unit, points, marks = NO_MARKS, height = 220 }: Props) {
  const [at, setAt] = useState<number | null>(null); // the point that is read
  const [first, last] = [points[0], points[points.length - 1]];
  const read = points[at ?? points.length - 1];
  const label = t("what", {
    name,
    count: points.length,
    from: day(first?.day),
    to: day(last?.day),
    value: measured(last?.value, unit),
  });
  return (
    <Figure name={name} table={asTable(points, unit)} head={<span class="readout" role="status">{read && told(read, unit)}</span>}>
      <Plot label={label} drawn={{ unit, points, marks, height }} at={at} setAt={setAt} />
      {marks.length > 0 && (
        <ul class="marks">
          {marks.map((mark) => (
            <li key={mark.day + mark.text}>
              <time dateTime={mark.day}>{day(mark.day, { year: false })}</time> {mark.text}
            </li>
          ))}
        </ul>
      )}
    </Figure>
  );
}

interface Drawn extends Required<Pick<Props, "unit" | "points" | "marks" | "height">> {
  width: number;
}

interface PlotProps {
  label: string;
  drawn: Omit<Drawn, "width">;
  at: number | null;
  setAt: (at: number | null) => void;
}

/** The picture, as wide as its place is; the pointer and the arrow keys read its points. */
function Plot({ label, drawn, at, setAt }: PlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const resized = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    resized.observe(frame.current!);
    return () => resized.disconnect();
  }, []);
  const { unit, points, marks, height } = drawn;
  const scales = useMemo(() => scalesOf({ ...drawn, width }), [points, width, height]);
  const still = useMemo(() => width > 0 && points.length > 0 && <Still {...drawn} width={width} scales={scales} />, [points, marks, unit, scales, language.value]);
  const point = at === null ? undefined : points[at];
  const nearest = (event: PointerEvent) => {
    const x = event.clientX - frame.current!.getBoundingClientRect().left;
    const distance = (one: Point) => Math.abs(scales.x(one.day) - x);
    setAt(points.reduce((best, one, index) => (distance(one) < distance(points[best]!) ? index : best), 0));
  };
  const step = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    setAt(Math.min(points.length - 1, Math.max(0, (at ?? points.length - 1) + by)));
  };
  return (
    <div ref={frame} class="chart" role="img" aria-label={label} tabIndex={0} onPointerMove={nearest} onPointerLeave={() => setAt(null)} onKeyDown={step} onBlur={() => setAt(null)}>
      <svg width={width} height={height} aria-hidden="true">
        {still}
        {point && <line class="cursor" x1={scales.x(point.day)} x2={scales.x(point.day)} y1={TOP} y2={height - BOTTOM} />}
        {point?.value != null && <circle class="dot" cx={scales.x(point.day)} cy={scales.y(point.value)} r="4" />}
      </svg>
    </div>
  );
}

interface Scales {
  x: (day: string) => number;
  y: Scale;
  range: readonly [number, number];
}

function scalesOf({ points, width, height }: Drawn): Scales {
  const [first = "", last = ""] = [points[0]?.day, points[points.length - 1]?.day];
  const known = points.flatMap(({ value, low, high }) => [value, low, high]).filter((one): one is number => one != null);
  const range = padded(Math.min(...known), Math.max(...known));
  const along = scaleOf([0, Math.max(1, daysBetween(first, last))], [LEFT, width - RIGHT]);
  return { x: (on) => along(daysBetween(first, on)), y: scaleOf(range, [height - BOTTOM, TOP]), range };
}

function padded(low: number, high: number): [number, number] {
  if (low > high) return [0, 1]; // nothing is known
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

/** All that does not follow the pointer. */
function Still({ unit, points, marks, height, width, scales: { x, y, range } }: Drawn & { scales: Scales }) {
  const [first, last] = [points[0]!.day, points[points.length - 1]!.day];
  const known = points.filter((point) => point.value != null);
  const sure = points.filter((point) => point.low != null && point.high != null);
  const along = (of: readonly Point[], read: (point: Point) => number) => pathOf(of.map((point) => [x(point.day), y(read(point))] as const));
  const band = along(sure, (point) => point.high!) + along([...sure].reverse(), (point) => point.low!).replace("M", "L");
  return (
    <>
      {valueTicks(...range, height / TICK_HEIGHT).map((one) => (
        <g key={one}>
          <line class="grid-line" x1={LEFT} x2={width - RIGHT} y1={y(one)} y2={y(one)} />
          <text x={LEFT - 8} y={y(one)} dy=".35em" text-anchor="end">{unit === "%" ? `${number(one)} %` : number(one)}</text>
        </g>
      ))}
      {dayTicks(first, last, (width - LEFT) / TICK_WIDTH).map((one) => (
        <text key={one} x={Math.min(x(one), width - 24)} y={height - 6} text-anchor="middle">{day(one, { year: false })}</text>
      ))}
      {marks.filter((mark) => first <= mark.day && mark.day <= last).map((mark) => (
        <line key={mark.day + mark.text} class="mark" x1={x(mark.day)} x2={x(mark.day)} y1={TOP} y2={height - BOTTOM} />
      ))}
      {sure.length > 1 && <path class="interval" d={`${band}Z`} />}
      <path class="line" d={along(known, (point) => point.value!)} />
      {points.length < FEW && known.map((point) => <circle key={point.day} class="dot" cx={x(point.day)} cy={y(point.value!)} r="2.5" />)}
      {known.filter((point) => point.isRestated).map((point) => <path key={point.day} class="restated" d={`M${x(point.day)},${y(point.value!)}m0,-5l5,5l-5,5l-5,-5z`} />)}
    </>
  );
}

function told(point: Point, unit: string): string {
  const band = point.low == null || point.high == null ? "" : `  ${t("interval", { low: number(point.low), high: number(point.high) })}`;
  const n = point.n === undefined ? "" : `  n ${number(point.n)}`;
  return `${day(point.day)}  ${measured(point.value, unit)}${band}${n}${point.isRestated ? `  ${t("restated").toLowerCase()}` : ""}`;
}

function asTable(points: readonly Point[], unit: string): Table {
  const hasBand = points.some((point) => point.low != null);
  const hasN = points.some((point) => point.n !== undefined);
  const header = [t("day"), `${t("value")}${unit && ` (${unit})`}`, ...(hasBand ? [t("low"), t("high")] : []), ...(hasN ? ["n"] : []), t("restated")];
  const rows = [...points].reverse().map((point) => [
    point.day,
    point.value,
    ...(hasBand ? [point.low, point.high] : []),
    ...(hasN ? [point.n] : []),
    point.isRestated ? t("yes") : "",
  ]);
  return { header, rows, show: (cell, column) => (column ? (typeof cell === "number" ? number(cell) : (cell ?? "–")) : day(String(cell))) };
}
