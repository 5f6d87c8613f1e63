import { Figure } from "../../components/Figure";
import { number, share } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  step: ["Step", "단계"],
  persons: ["Persons", "사용자"],
  lost: ["Lost", "이탈"],
  ofFirst: ["Of the first", "첫 단계 대비"],
  drop: ["Most are lost before {event}: {lost}, {share} of those who reached the step before.", "{event} 앞에서 가장 많이 이탈합니다: {lost}명, 도달한 사용자의 {share}."],
});

export interface Step {
  number: number;
  event: string;
  persons: number;
  lost: number;
  share_of_first: number | null;
  share_of_previous: number | null;
}

/** How many come to each step; the largest drop is named in words and drawn. */
export function Steps({ name, steps }: { name: string; steps: readonly Step[] }) {
  const most = Math.max(1, ...steps.map((step) => step.persons));
  const worst = [...steps].sort((one, other) => other.lost - one.lost)[0];
  const table = {
    header: [t("step"), t("persons"), t("lost"), t("ofFirst")],
    rows: steps.map((step) => [step.event, step.persons, step.lost, step.share_of_first]),
    show: (cell: unknown, column: number) => (column === 3 ? share(cell as number | null) : column ? number(Number(cell)) : String(cell)),
  };
  return (
    <Figure name={name} table={table}>
      {worst && worst.lost > 0 && <p class="sentence small">{t("drop", { event: worst.event, lost: number(worst.lost), share: share(worst.share_of_previous === null ? null : 1 - worst.share_of_previous) })}</p>}
      <ol class="funnel">
        {steps.map((step) => (
          <li key={step.number}>
            <span class="what">{step.event}</span>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect class="kept" width={(100 * step.persons) / most} height="10" />
              <rect class={step === worst ? "lost worst" : "lost"} x={(100 * step.persons) / most} width={(100 * step.lost) / most} height="10" />
            </svg>
            <span class="num"><b>{number(step.persons)}</b> <span class="faint">{share(step.share_of_first)}</span></span>
          </li>
        ))}
      </ol>
    </Figure>
  );
}
