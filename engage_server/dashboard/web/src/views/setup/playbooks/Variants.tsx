import { TextField } from "../../../components/form/Fields";
import { words } from "../../../words/words";
import { type Choice, ChoiceField } from "./StepList";
import { type Step, type Variant, variantsOf } from "./steps";

const t = words({
  add: ["Other words for a segment", "세그먼트별 문구 추가"],
  segment: ["For members of", "대상 세그먼트"],
  subject: ["Subject {number}", "제목 {number}"],
  text: ["Text {number}", "본문 {number}"],
  remove: ["Remove other words {number}", "문구 {number} 삭제"],
});
const MOST = 10;

interface Props {
  step: Step;
  onChange: (step: Step) => void;
  segments: readonly Choice[];
}

/** What a message says instead to members of a segment; the first that fits has its say. */
export function Variants({ step, onChange, segments }: Props) {
  const all = variantsOf(step);
  const keep = (variants: Variant[]) => onChange({ ...step, variants });
  const set = (index: number, changes: Partial<Variant>) => keep(all.map((one, at) => (at === index ? { ...one, ...changes } : one)));
  return (
    <div class="branch">
      {all.map((one, index) => (
        <div key={index} class="row">
          <ChoiceField label={t("segment")} value={one.segment} onChange={(segment) => set(index, { segment })} options={segments} />
          <TextField label={t("subject", { number: index + 1 })} value={one.subject} onChange={(subject) => set(index, { subject })} required />
          <TextField label={t("text", { number: index + 1 })} value={one.text} onChange={(text) => set(index, { text })} />
          <button type="button" class="quiet" aria-label={t("remove", { number: index + 1 })} onClick={() => keep(all.filter((_, at) => at !== index))}>✕</button>
        </div>
      ))}
      {segments.length > 0 && all.length < MOST && <button type="button" class="quiet" onClick={() => keep([...all, { segment: null, subject: "", text: "" }])}>{t("add")}</button>}
    </div>
  );
}
