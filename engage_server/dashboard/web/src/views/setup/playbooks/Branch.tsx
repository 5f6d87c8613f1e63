import type { ComponentType } from "preact";
import { SelectField } from "../../../components/form/Fields";
import { words } from "../../../words/words";
import type { Known } from "./StepList";
import { type Step, stepsOf } from "./steps";

const t = words({
  question: ["Where", "조건"],
  over: ["the signal is over", "신호가 끝났으면"],
  open: ["the signal is not over", "신호가 끝나지 않았으면"],
  member: ["it is in {segment}", "{segment} 소속이면"],
  then: ["Then", "그러면"],
  otherwise: ["Else", "아니면"],
});

interface Props {
  /** Draws the steps of either way, which may hold branches themselves. */
  Steps: ComponentType<{ steps: readonly Step[]; onChange: (steps: Step[]) => void; known: Known; prefix?: string; depth?: number }>;
  step: Step;
  onChange: (step: Step) => void;
  known: Known;
  number: string;
  depth: number;
}

/** A question about the subject or its signal, and what is done where it is so, and where it is not. */
export function Branch({ Steps, step, onChange, known, number, depth }: Props) {
  const asked = step.segment == null ? (step.over === true ? "over" : "open") : String(step.segment);
  const ask = (next: string) => {
    const { segment: _, over: __, ...rest } = step;
    onChange({ ...rest, ...(next === "over" || next === "open" ? { over: next === "over" } : { segment: Number(next) }) } as Step);
  };
  return (
    <div class="branch">
      <SelectField
        label={t("question")}
        value={asked}
        onChange={ask}
        options={[["open", t("open")], ["over", t("over")], ...known.segments.map((one) => [String(one.number), t("member", { segment: one.name })] as const)]}
      />
      {(["then", "otherwise"] as const).map((way, index) => (
        <fieldset key={way}>
          <legend>{t(way)}</legend>
          <Steps steps={stepsOf(step, way)} onChange={(steps) => onChange({ ...step, [way]: steps })} known={known} prefix={`${number}${index ? "b" : "a"}.`} depth={depth} />
        </fieldset>
      ))}
    </div>
  );
}
