import type { AccountFilter, AccountStage } from "../../api/documents";
import { place, setQuery } from "../../shell/router";
import { words } from "../../words/words";

const t = words({
  search: ["Name", "이름"],
  find: ["Part of a name", "이름 일부"],
  plan: ["Plan", "요금제"],
  stage: ["Stage", "단계"],
  owner: ["Owner", "담당자"],
  any: ["{name}: any", "{name}: 전체"],
  clear: ["Clear", "초기화"],
  LEAD: ["lead", "리드"],
  TRIAL: ["trial", "체험"],
  CUSTOMER: ["customer", "고객"],
  CHURNED: ["churned", "이탈"],
});
const STAGES: readonly AccountStage[] = ["CUSTOMER", "TRIAL", "LEAD", "CHURNED"];
const KEYS = ["search", "plan", "stage", "owner"] as const;

export const stageName = (stage: AccountStage): string => t(stage);

/** The filter that the address holds. */
export function filterOf(query: URLSearchParams): AccountFilter | null {
  const [search, plan, stage, owner] = KEYS.map((key) => query.get(key));
  const filter: AccountFilter = {};
  if (search) filter.search = search;
  if (plan) filter.plan = [plan];
  if (stage) filter.stage = [stage as AccountStage];
  if (owner) filter.owner = [owner];
  return Object.keys(filter).length ? filter : null;
}

interface Props {
  plans: readonly string[];
  owners: readonly string[];
}

/** Which accounts are shown; what is chosen stands in the address. */
export function Filters({ plans, owners }: Props) {
  const query = place.value.query;
  const isFiltered = KEYS.some((key) => query.get(key));
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
      <Choice name="stage" title={t("stage")} options={STAGES.map((one) => [one, t(one)])} set={set} />
      {isFiltered && (
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
  set: (key: string, value: string) => void;
}

function Choice({ name, title, options, set }: ChoiceProps) {
  const now = place.value.query.get(name) ?? "";
  const all = now && !options.some(([value]) => value === now) ? [[now, now] as const, ...options] : options;
  return (
    <select aria-label={title} value={now} onChange={(event) => set(name, event.currentTarget.value)}>
      <option value="">{t("any", { name: title })}</option>
      {all.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
    </select>
  );
}
