import type { Definition } from "../../../api/session";
import { titleOf } from "../../../api/session";
import { SelectField } from "../../../components/form/Fields";
import { words } from "../../../words/words";

const t = words({
  add: ["Metrics, the leading one first", "지표(첫 번째가 대표)"],
  choose: ["add one …", "추가 …"],
  remove: ["Leave out {metric}", "{metric} 빼기"],
});

interface Props {
  all: readonly Definition[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}

/** Metrics in an order: chosen one after the other, taken out by a click. */
export function MetricsField({ all, value, onChange }: Props) {
  const title = (id: string) => {
    const found = all.find((one) => one.id === id);
    return found ? titleOf(found) : id;
  };
  const left = all.filter((one) => !value.includes(one.id));
  return (
    <div class="field">
      <SelectField label={t("add")} value="" onChange={(next) => next && onChange([...value, next])} options={[["", t("choose")], ...left.map((one) => [one.id, titleOf(one)] as const)]} />
      <p>
        {value.map((id) => (
          <button key={id} type="button" class="quiet chip" aria-label={t("remove", { metric: title(id) })} onClick={() => onChange(value.filter((one) => one !== id))}>{title(id)} ✕</button>
        ))}
      </p>
    </div>
  );
}
