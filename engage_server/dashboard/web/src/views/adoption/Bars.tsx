import { Figure } from "../../components/Figure";
import { scaleOf } from "../../components/scale";
import { day, number } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  week: ["Week to", "주(종료일)"],
  new: ["New", "신규"],
  returning: ["Returning", "재방문"],
  resurrecting: ["Resurrected", "복귀"],
  dormant: ["Dormant", "휴면"],
  what: ["{name}: in the last week {gained} came and {lost} went", "{name}: 지난주 유입 {gained}, 이탈 {lost}"],
});

export interface Week {
  day: string;
  new: number;
  returning: number;
  resurrecting: number;
  /** Below zero. */
  dormant: number;
}
const PARTS = ["returning", "resurrecting", "new", "dormant"] as const;
const [WIDTH, HEIGHT] = [480, 200];

/** Stacked bars of who was gained, above the line, and who was lost, below it. */
export function Bars({ name, weeks }: { name: string; weeks: readonly Week[] }) {
  const high = Math.max(1, ...weeks.map((week) => week.returning + week.resurrecting + week.new));
  const low = Math.min(0, ...weeks.map((week) => week.dormant));
  const y = scaleOf([low, high], [HEIGHT - 4, 4]);
  const band = WIDTH / Math.max(1, weeks.length);
  const last = weeks[weeks.length - 1];
  const table = {
    header: [t("week"), ...PARTS.map((part) => t(part))],
    rows: weeks.map((week) => [week.day, ...PARTS.map((part) => week[part])]),
    show: (cell: unknown, column: number) => (column ? number(Number(cell)) : day(String(cell))),
  };
  const label = t("what", { name, gained: number(last ? last.new + last.resurrecting : 0), lost: number(last ? -last.dormant : 0) });
  return (
    <Figure name={name} table={table}>
      <svg class="lifecycle" viewBox={`0 0 ${WIDTH} ${HEIGHT + 18}`} role="img" aria-label={label}>
        {weeks.map((week, index) => {
          let top = 0;
          return (
            <g key={week.day}>
              {PARTS.map((part) => {
                const from = part === "dormant" ? 0 : top;
                const to = from + week[part];
                if (part !== "dormant") top = to;
                return <rect key={part} class={`part-${part}`} x={index * band + band * 0.15} width={band * 0.7} y={y(Math.max(from, to))} height={Math.abs(y(from) - y(to))} />;
              })}
              <text x={index * band + band / 2} y={HEIGHT + 14} text-anchor="middle">{day(week.day, { year: false })}</text>
            </g>
          );
        })}
        <line x1="0" x2={WIDTH} y1={y(0)} y2={y(0)} />
      </svg>
      <ul class="legend">
        {PARTS.map((part) => <li key={part}><i class={`swatch part-${part}`} aria-hidden="true" /> {t(part)} <b>{number(last?.[part])}</b></li>)}
      </ul>
    </Figure>
  );
}
