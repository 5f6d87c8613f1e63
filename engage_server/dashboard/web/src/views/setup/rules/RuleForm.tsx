import { useState } from "preact/hooks";
import { CreateRuleDocument, type CreateRuleInput, type RulesQuery, type SessionQuery, TryRuleDocument, UpdateRuleDocument } from "../../../api/documents";
import { useChange } from "../../../api/useChange";
import { NumberField, SelectField, TextField } from "../../../components/form/Fields";
import { Refusal } from "../../../components/form/Refusal";
import { said } from "../../../words/enums";
import { words } from "../../../words/words";
import { KnownEvents } from "../EventField";
import { Replay } from "./Replay";
import { TriggerFields } from "./TriggerFields";
import { fresh, isComplete, pruned, type Trigger, WITH_COUNT } from "./triggers";

const t = words({
  add: ["A new rule", "새 규칙"],
  change: ["Change {name}", "{name} 변경"],
  name: ["Name", "이름"],
  kind: ["Kind", "종류"],
  whom: ["About", "대상"],
  everybody: ["everybody", "전체"],
  fixed: ["A rule keeps the segment that it was made for.", "규칙의 세그먼트는 만든 뒤 바꿀 수 없습니다."],
  least: ["Values that rest on at least", "최소 표본 수"],
  quiet: ["Days without another signal", "재알림 제한(일)"],
  note: ["What to do about it", "대응 방법"],
  tell: ["Tell", "알림 채널"],
  days: ["Days to look back", "되돌아볼 일수"],
  replay: ["See what it would have said", "과거에 적용해 보기"],
  first: ["First see what it would have said; then it can be saved.", "먼저 과거에 적용해 보면 저장할 수 있습니다."],
  save: ["Save the rule", "규칙 저장"],
  cancel: ["Leave it as it is", "취소"],
});
export type Rule = NonNullable<RulesQuery["rules"]>["edges"][number]["node"];

interface Props {
  session: SessionQuery;
  data: RulesQuery;
  /** Null: a new one. */
  rule: Rule | null;
  titleOf: (metric: string) => string;
  done: () => void;
}

const EMPTY = { name: "", kind: "RISK" as CreateRuleInput["kind"], segment: "", minimumN: 0 as number | null, coolDownDays: 7 as number | null, note: "" };

/** A rule by clicking. It is saved once one has seen what it would have said in the past, as it then stands. */
export function RuleForm({ session, data, rule, titleOf, done }: Props) {
  const [given, setGiven] = useState(rule ? { ...rule, segment: rule.segment?.id ?? "" } : EMPTY);
  const [trigger, setTrigger] = useState<Trigger>(rule ? (rule.trigger as Trigger) : fresh("value"));
  const [notify, setNotify] = useState<readonly string[]>(rule?.notify.map((one) => one.id) ?? []);
  const [days, setDays] = useState<number | null>(90);
  const [seen, setSeen] = useState("");
  const trial = useChange(TryRuleDocument, { refreshes: false });
  const making = useChange(CreateRuleDocument);
  const changing = useChange(UpdateRuleDocument);
  const set = (changes: Partial<typeof given>) => setGiven({ ...given, ...changes });
  const wanted = { name: given.name, kind: given.kind, trigger: pruned(trigger), minimumN: WITH_COUNT.includes(trigger.type) ? (given.minimumN ?? 0) : 0, coolDownDays: given.coolDownDays ?? 0, note: given.note };
  const asked = JSON.stringify({ ...wanted, name: "", note: "", segment: given.segment });
  const look = async () => {
    const tried = await trial.send({ rule: { ...wanted, name: "?", segment: given.segment || null, dryRun: true, replayDays: days ?? 90 } });
    if (tried) setSeen(asked);
  };
  const save = async (event: Event) => {
    event.preventDefault();
    const saved = rule ? await changing.send({ id: rule.id, changes: { ...wanted, notify: [...notify] } }) : await making.send({ rule: { ...wanted, segment: given.segment || null, notify: [...notify], replayDays: 0 } });
    if (saved) done();
  };
  const segments = (data.segments.edges ?? []).map(({ node }) => node);
  const usable = segments.filter((one) => one.tracked || one.isStatic);
  const replay = seen === asked ? trial.data?.createRule.replay : null;
  return (
    <form class="tile builder" aria-label={rule ? t("change", { name: rule.name }) : t("add")} onSubmit={save}>
      <header class="tile-head"><h2>{rule ? t("change", { name: rule.name }) : t("add")}</h2></header>
      <div class="row">
        <TextField label={t("name")} value={given.name} onChange={(name) => set({ name })} required />
        <SelectField label={t("kind")} value={given.kind} onChange={(kind) => set({ kind: kind as CreateRuleInput["kind"] })} options={[["RISK", said("RISK")], ["OPPORTUNITY", said("OPPORTUNITY")]]} />
        {rule ? (
          <p class="hint">{t("whom")}: {rule.segment?.name ?? t("everybody")}. {t("fixed")}</p>
        ) : (
          <SelectField label={t("whom")} value={given.segment} onChange={(segment) => set({ segment })} options={[["", t("everybody")], ...usable.map((one) => [one.id, one.name] as const)]} />
        )}
      </div>
      <TriggerFields trigger={trigger} onChange={setTrigger} session={session} segments={usable} />
      <KnownEvents names={data.eventNames.edges.map(({ node }) => node.name)} />
      <div class="row">
        {WITH_COUNT.includes(trigger.type) && <NumberField label={t("least")} value={given.minimumN} min={0} whole onChange={(minimumN) => set({ minimumN })} />}
        <NumberField label={t("quiet")} value={given.coolDownDays} min={0} max={366} whole onChange={(coolDownDays) => set({ coolDownDays })} />
        <TextField label={t("note")} value={given.note} onChange={(note) => set({ note })} />
      </div>
      <Channels channels={data.channels?.edges.map(({ node }) => node) ?? []} value={notify} onChange={setNotify} />
      <Refusal failure={trial.failure ?? making.failure ?? changing.failure} />
      <div class="row commit">
        <NumberField label={t("days")} value={days} min={1} max={366} whole onChange={setDays} />
        <button type="button" disabled={!isComplete(trigger) || trial.busy} onClick={look}>{t("replay")}</button>
        <button type="submit" class="primary" disabled={!given.name || seen !== asked || making.busy || changing.busy}>{t("save")}</button>
        <button type="button" class="quiet" onClick={done}>{t("cancel")}</button>
        {seen !== asked && <span class="faint">{t("first")}</span>}
      </div>
      {replay && <Replay replay={replay} titleOf={titleOf} />}
    </form>
  );
}

interface ChannelsProps {
  channels: readonly { id: string; name: string; kind: string }[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}

function Channels({ channels, value, onChange }: ChannelsProps) {
  if (!channels.length) return null;
  return (
    <fieldset class="bare">
      <legend>{t("tell")}</legend>
      <div class="ticks">
        {channels.map((one) => (
          <label key={one.id}>
            <input type="checkbox" checked={value.includes(one.id)} onChange={(event) => onChange(event.currentTarget.checked ? [...value, one.id] : value.filter((id) => id !== one.id))} />
            {one.name} <span class="faint">{said(one.kind)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
