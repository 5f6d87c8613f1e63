import type { ComponentChildren } from "preact";
import { local } from "../api/session";
import { day, number, signed } from "../words/format";
import { words } from "../words/words";
import { Figure } from "./Figure";
import { scaleOf } from "./scale";

const t = words({
  part: ["What changed", "변화 요인"],
  change: ["Change", "변화"],
  running: ["Value", "값"],
  kind: ["Kind", "종류"],
  before: ["Before", "이전"],
  after: ["After", "이후"],
  note: ["Note", "비고"],
  MOVED: ["moved", "값이 움직임"],
  WEIGHT: ["weighs otherwise", "가중치 변화"],
  CONFIGURATION: ["configured otherwise", "설정 변경"],
  DEFINITION: ["defined otherwise", "정의 변경"],
  CAME: ["has a value now", "값이 생김"],
  WENT: ["has no value any more", "값이 없어짐"],
  REWEIGHTED: ["reweighed as others came or went", "다른 요인에 따라 재가중"],
  LIMIT: ["cap or override", "상한 또는 수동 지정"],
  LATE_DATA: ["late data", "늦게 온 데이터"],
  ERASED_DATA: ["erased data", "삭제된 데이터"],
  JOINED: ["joined", "추가됨"],
  LEFT: ["left", "제외됨"],
  OTHER: ["what the parts do not explain", "요인으로 설명되지 않음"],
});

export interface Cause {
  kind: string;
  key: string;
  label: string;
  change: number;
  before: number | null;
  after: number | null;
  note: string;
}

interface Props {
  name: string;
  since: string;
  on: string;
  before: number;
  after: number;
  causes: readonly Cause[];
  direction?: string;
  /** What a bar opens: its inputs and its card. */
  open?: (cause: Cause) => ComponentChildren;
}

const WIDTH = 400; // of the bars, in their own units

export const kindOf = (kind: string): string => t(kind as "MOVED");

/** From the old value to the new one, a bar for each cause; they add up to the change, to the last stored digit. */
export function Waterfall({ name, since, on, before, after, causes, direction = "UP", open }: Props) {
  let running = before;
  const steps = causes.map((cause) => ({ cause, from: running, to: (running += cause.change) }));
  const reached = [before, after, ...steps.map((step) => step.to)];
  const [low, high] = [Math.min(...reached), Math.max(...reached)];
  const room = (high - low || 1) * 0.08;
  const x = scaleOf([low - room, high + room], [0, WIDTH]);
  const bar = (from: number, to: number, kind: string, links: [number | null, number | null]) => (
    <svg class="fall" viewBox={`0 0 ${WIDTH} 24`} preserveAspectRatio="none" aria-hidden="true">
      {links[0] !== null && <line class="link" x1={x(links[0])} x2={x(links[0])} y1="0" y2="12" />}
      {links[1] !== null && <line class="link" x1={x(links[1])} x2={x(links[1])} y1="12" y2="24" />}
      <rect class={kind} x={Math.min(x(from), x(to))} y="7" width={Math.max(1.5, Math.abs(x(to) - x(from)))} height="10" rx="1" />
    </svg>
  );
  const table = {
    header: [t("part"), t("kind"), t("change"), t("before"), t("after"), t("note")],
    rows: [
      [day(since), "", null, null, before, ""],
      ...causes.map((one) => [local(one.label), kindOf(one.kind), one.change, one.before, one.after, local(one.note)]),
      [day(on), "", after - before, null, after, ""],
    ],
  };
  return (
    <Figure name={name} table={{ ...table, show: (cell) => (typeof cell === "number" ? number(cell) : (cell ?? "")) }}>
      <ol class="waterfall">
        <li class="end">
          <span class="what">{day(since)}</span>
          {bar(before, before, "anchor", [null, before])}
          <b class="num">{number(before, 1)}</b>
        </li>
        {steps.map(({ cause, from, to }) => (
          <li key={`${cause.kind}${cause.key}`}>
            <details>
              <summary>
                <span class="what">{local(cause.label)} <span class="faint">{kindOf(cause.kind)}</span></span>
                {bar(from, to, tone(cause.change, direction), [from, to])}
                <span class={`num ${tone(cause.change, direction)}`}>{signed(cause.change, 1)}</span>
              </summary>
              <div class="inputs">
                <Inputs cause={cause} />
                {open?.(cause)}
              </div>
            </details>
          </li>
        ))}
        <li class="end">
          <span class="what">{day(on)}</span>
          {bar(after, after, "anchor", [after, null])}
          <b class="num">{number(after, 1)}</b>
        </li>
      </ol>
    </Figure>
  );
}

function Inputs({ cause }: { cause: Cause }) {
  return (
    <dl class="facts">
      <dt>{t("before")}</dt><dd>{number(cause.before)}</dd>
      <dt>{t("after")}</dt><dd>{number(cause.after)}</dd>
      {cause.note && <><dt>{t("note")}</dt><dd>{local(cause.note)}</dd></>}
    </dl>
  );
}

function tone(change: number, direction: string): string {
  if (direction !== "UP" && direction !== "DOWN") return "neutral";
  return change > 0 === (direction === "UP") ? "good" : "bad";
}
