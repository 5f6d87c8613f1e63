import type { AccountStage } from "../../api/documents";
import { place, setQuery } from "../../shell/router";
import { said } from "../../words/enums";
import { words } from "../../words/words";
import { ANY, isFiltered, KEYS, USUAL } from "./filter";

const t = words({
  search: ["Name", "이름"],
  find: ["Part of a name", "이름 일부"],
  plan: ["Plan", "요금제"],
  stage: ["Stage", "단계"],
  owner: ["Owner", "담당자"],
  any: ["{name}: any", "{name}: 전체"],
  clear: ["Clear", "초기화"],
});
const STAGES: readonly AccountStage[] = ["CUSTOMER", "TRIAL", "LEAD", "CHURNED"];
interface Props {
  plans: readonly string[];
  owners: readonly string[];
}

/** Which accounts are shown; what is chosen stands in the address. */
export function Filters({ plans, owners }: Props) {
  const query = place.value.query;
  const set = (key: string, value: string) => setQuery({ [key]: value || null, after: null });
  return (
    <div class="filters">
      <input
        type="text"
        aria-label={t("search")}
        placeholder={t("find")}
        value={query.get("search") ?? ""}
        onChange={(event) => set("search", event.currentTarget.value.trim())}
      />
      <Choice name="owner" title={t("owner")} options={owners.map((one) => [one, one])} set={set} />
      <Choice name="plan" title={t("plan")} options={plans.map((one) => [one, one])} set={set} />
      <Choice name="stage" title={t("stage")} options={STAGES.map((one) => [one, said(one)])} usual={USUAL} set={set} />
      {isFiltered(query) && (
        <button type="button" class="quiet" onClick={() => setQuery(Object.fromEntries([...KEYS, "after"].map((key) => [key, null])))}>
          {t("clear")}
        </button>
      )}
    </div>
  );
}

interface ChoiceProps {
  name: string;
  title: string;
  options: readonly (readonly [value: string, text: string])[];
  /** What holds where the address names nothing; without it all. */
  usual?: string;
  set: (key: string, value: string) => void;
}

function Choice({ name, title, options, usual = "", set }: ChoiceProps) {
  const now = place.value.query.get(name) ?? usual;
  const every = usual ? ANY : "";
  const all = now !== every && !options.some(([value]) => value === now) ? [[now, now] as const, ...options] : options;
  return (
    <select aria-label={title} value={now} onChange={(event) => set(name, event.currentTarget.value)}>
      <option value={every}>{t("any", { name: title })}</option>
      {all.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
    </select>
  );
}
