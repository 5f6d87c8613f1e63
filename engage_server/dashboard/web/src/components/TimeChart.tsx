import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { colour, theme } from "../shell/theme";
import { day, measured, number } from "../words/format";
import { language, words } from "../words/words";
import { Figure, type Table } from "./Figure";

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
const seconds = (text: string): number => Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 1000;

/** A series by day with the band of its intervals, the days that were restated, and what happened meanwhile. */
export function TimeChart({ name, unit, points, marks = NO_MARKS, height = 220 }: Props) {
  const readout = useRef<HTMLSpanElement>(null);
  const [first, last] = [points[0], points[points.length - 1]];
  const say = (index: number | null | undefined) => {
    const point = points[index ?? points.length - 1];
    if (readout.current && point) readout.current.textContent = told(point, unit);
  };
  const label = t("what", {
    name,
    count: points.length,
    from: day(first?.day),
    to: day(last?.day),
    value: measured(last?.value, unit),
  });
  return (
    <Figure name={name} table={asTable(points, unit)} head={<span ref={readout} class="readout" />}>
      <Plot label={label} drawn={{ unit, points, marks, height, say }} />
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

/** The canvas, which lives as long as its frame does: where the table is shown instead, there is none. */
function Plot({ label, drawn }: { label: string; drawn: Omit<Drawn, "width"> }) {
  const frame = useRef<HTMLDivElement>(null);
  const { unit, points, marks, height, say } = drawn;
  useEffect(() => {
    const at = frame.current!;
    const plot = new uPlot(options({ ...drawn, width: at.clientWidth }), columns(points), at);
    const resized = new ResizeObserver(() => plot.setSize({ width: at.clientWidth, height }));
    resized.observe(at);
    say(null);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [points, marks, unit, height, theme.value, language.value]);
  return <div ref={frame} class="chart" role="img" aria-label={label} />;
}

function told(point: Point, unit: string): string {
  const band = point.low == null || point.high == null ? "" : `  ${t("interval", { low: number(point.low), high: number(point.high) })}`;
  const n = point.n === undefined ? "" : `  n ${number(point.n)}`;
  return `${day(point.day)}  ${measured(point.value, unit)}${band}${n}${point.isRestated ? `  ${t("restated").toLowerCase()}` : ""}`;
}

function columns(points: readonly Point[]): uPlot.AlignedData {
  const of = (read: (point: Point) => number | null | undefined) => points.map((point) => read(point) ?? null);
  return [points.map((point) => seconds(point.day)), of((point) => point.value), of((point) => point.low), of((point) => point.high)];
}

interface Drawn extends Required<Pick<Props, "unit" | "points" | "marks" | "height">> {
  width: number;
  say: (index: number | null | undefined) => void;
}

function options({ unit, points, marks, height, width, say }: Drawn): uPlot.Options {
  const [ink, faint, grid, accent] = ["ink", "faint", "grid", "accent"].map(colour) as [string, string, string, string];
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis: uPlot.Axis = { stroke: faint, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const dots = points.length < 40;
  return {
    width,
    height,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "UTC"),
    legend: { show: false },
    cursor: { y: false, points: { size: 8, fill: accent } },
    scales: { y: { range: (_, low, high) => padded(low, high) } },
    axes: [
      { ...axis, grid: { show: false }, space: 80, size: 28, values: (_, at) => at.map((one) => day(new Date(one * 1000).toISOString(), { year: false })) },
      { ...axis, size: 56, values: (_, at) => at.map((one) => (unit === "%" ? `${number(one)} %` : number(one))) },
    ],
    series: [
      {},
      { stroke: accent, width: 1.8, points: { show: dots, size: 5, fill: accent }, spanGaps: true },
      { stroke: "transparent", points: { show: false }, spanGaps: true },
      { stroke: "transparent", points: { show: false }, spanGaps: true },
    ],
    bands: [{ series: [3, 2], fill: `${accent}26` }],
    hooks: {
      draw: [(plot) => drawMarks(plot, marks, faint), (plot) => drawRestated(plot, points, ink)],
      setCursor: [(plot) => say(plot.cursor.idx)],
    },
  };
}

function padded(low: number, high: number): [number, number] {
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

function drawMarks(plot: uPlot, marks: readonly Mark[], stroke: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.setLineDash([3, 3]);
  for (const mark of marks) {
    const x = plot.valToPos(seconds(mark.day), "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** A hollow diamond on each day that was restated: the number is not the one that was seen first. */
function drawRestated(plot: uPlot, points: readonly Point[], stroke: string): void {
  const { ctx } = plot;
  const size = 5 * devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.fillStyle = colour("paper");
  ctx.lineWidth = 1.3 * devicePixelRatio;
  for (const point of points) {
    if (!point.isRestated || point.value == null) continue;
    const [x, y] = [plot.valToPos(seconds(point.day), "x", true), plot.valToPos(point.value, "y", true)];
    ctx.beginPath();
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + size);
    ctx.lineTo(x - size, y);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
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
