import { useEffect, useState } from "preact/hooks";
import { CreatePlaybookDocument, type PlaybooksQuery, TryRuleDocument, UpdatePlaybookDocument } from "../../../api/documents";
import { useChange } from "../../../api/useChange";
import { CheckField, NumberField, SelectField, TextField } from "../../../components/form/Fields";
import { Refusal } from "../../../components/form/Refusal";
import { words } from "../../../words/words";
import { Audience, type PlaybookRule } from "./Audience";
import { type Known, StepList } from "./StepList";
import { fresh, isComplete, type Step } from "./steps";

const t = words({
  add: ["A new playbook", "새 플레이북"],
  change: ["Change {name}", "{name} 변경"],
  name: ["Name", "이름"],
  rule: ["Begins when this rule speaks", "시작 규칙"],
  fixed: ["Begins when {rule} speaks; a playbook keeps its rule.", "시작 규칙: {rule}. 만든 뒤에는 바꿀 수 없습니다."],
  steps: ["Steps", "단계"],
  holdOut: ["Left alone, to compare with (%)", "비교를 위해 제외(%)"],
  quiet: ["Days before another is begun about the same", "같은 대상 재시작 제한(일)"],
  first: ["Messages from (hour)", "메시지 시작 시각"],
  last: ["until (hour)", "종료 시각"],
  working: ["on working days only", "평일에만"],
  save: ["Save, switched off", "꺼진 상태로 저장"],
  saveVersion: ["Save as the next version", "다음 버전으로 저장"],
  cancel: ["Leave it as it is", "취소"],
  noRule: ["A playbook begins with a rule, and there is none yet. Make one under Rules.", "플레이북은 규칙으로 시작합니다. 먼저 규칙에서 하나를 만드세요."],
  noChannel: ["Messages go by a channel, and there is none yet.", "메시지를 보낼 채널이 없습니다."],
  underWay: ["Who is under way finishes under the version that it began.", "진행 중인 대상은 시작한 버전으로 끝까지 진행됩니다."],
});
const REPLAYED_DAYS = 90;
export type Playbook = NonNullable<PlaybooksQuery["playbooks"]>["edges"][number]["node"];

interface Hours {
  first: number;
  last: number;
  working_days: boolean;
}

interface Props {
  data: PlaybooksQuery;
  /** Null: a new one. */
  playbook: Playbook | null;
  done: () => void;
}

/** A playbook by clicking: which rule begins it, whom that is about, what is done step by step. It is saved off. */
export function PlaybookForm({ data, playbook, done }: Props) {
  const rules = data.rules?.edges.map(({ node }) => node) ?? [];
  const channels = data.channels?.edges.map(({ node }) => node) ?? [];
  const [name, setName] = useState(playbook?.name ?? "");
  const [ruleId, setRule] = useState(playbook?.rule?.id ?? rules[0]?.id ?? "");
  const [steps, setSteps] = useState<Step[]>((playbook?.steps as Step[] | undefined) ?? [fresh("message"), fresh("wait"), fresh("stop_if_over")]);
  const [share, setShare] = useState<number | null>(playbook ? Math.round(playbook.holdOut * 100) : 20);
  const [coolDownDays, setCoolDown] = useState<number | null>(playbook?.coolDownDays ?? 7);
  const [hours, setHours] = useState<Hours>((playbook?.hours as Hours | undefined) ?? { first: 9, last: 18, working_days: true });
  const making = useChange(CreatePlaybookDocument);
  const changing = useChange(UpdatePlaybookDocument);
  const rule = rules.find((one) => one.id === ruleId);
  const replay = useReplay(rule);
  const known: Known = {
    channels,
    segments: data.segments.edges.map(({ node }) => node).filter((one) => (one.tracked || one.isStatic) && one.subject === rule?.subjectKind),
    surveys: data.surveys?.edges.map(({ node }) => node) ?? [],
    sample: replay.data?.createRule.replay?.signals.map((one) => one.account as Known["sample"]).find((one) => one?.id) ?? null,
  };
  const holdOut = (share ?? 0) / 100;
  const save = async (event: Event) => {
    event.preventDefault();
    const given = { name, steps, holdOut, coolDownDays: coolDownDays ?? 0, hours };
    const saved = playbook ? await changing.send({ id: playbook.id, changes: given }) : await making.send({ playbook: { ...given, rule: ruleId } });
    if (saved) done();
  };
  const title = playbook ? t("change", { name: playbook.name }) : t("add");
  if (!rules.length) return <section class="tile" aria-label={title}><p class="empty">{t("noRule")}</p></section>;
  const isReady = name !== "" && steps.length > 0 && steps.every(isComplete) && rule !== undefined;
  return (
    <form class="tile builder" aria-label={title} onSubmit={save}>
      <header class="tile-head"><h2>{title}</h2></header>
      <div class="row">
        <TextField label={t("name")} value={name} onChange={setName} required />
        {playbook ? <p class="hint">{t("fixed", { rule: playbook.rule?.name ?? "–" })} {t("underWay")}</p> : <SelectField label={t("rule")} value={ruleId} onChange={setRule} options={rules.map((one) => [one.id, one.name] as const)} />}
      </div>
      {rule && <Audience rule={rule} customers={data.accounts.totalCount} replay={replay.data?.createRule.replay ?? null} holdOut={holdOut} />}
      <h3>{t("steps")}</h3>
      {!channels.length && <p class="warn-note note">{t("noChannel")}</p>}
      <StepList steps={steps} onChange={setSteps} known={known} />
      <div class="row">
        <NumberField label={t("holdOut")} value={share} min={0} max={50} onChange={setShare} />
        <NumberField label={t("quiet")} value={coolDownDays} min={0} max={366} whole onChange={setCoolDown} />
        <NumberField label={t("first")} value={hours.first} min={0} max={23} whole onChange={(first) => setHours({ ...hours, first: first ?? 0 })} />
        <NumberField label={t("last")} value={hours.last} min={1} max={24} whole onChange={(last) => setHours({ ...hours, last: last ?? 24 })} />
        <CheckField label={t("working")} value={hours.working_days} onChange={(working_days) => setHours({ ...hours, working_days })} />
      </div>
      <Refusal failure={replay.failure ?? making.failure ?? changing.failure} />
      <div class="row commit">
        <button type="submit" class="primary" disabled={!isReady || making.busy || changing.busy}>{t(playbook ? "saveVersion" : "save")}</button>
        <button type="button" class="quiet" onClick={done}>{t("cancel")}</button>
      </div>
    </form>
  );
}

/** What a rule would have said in the last days, asked when another is chosen. */
function useReplay(rule: PlaybookRule | undefined) {
  const trial = useChange(TryRuleDocument, { refreshes: false });
  useEffect(() => {
    if (!rule) return;
    const { kind, trigger, minimumN, coolDownDays, segment } = rule;
    void trial.send({ rule: { name: "?", kind, trigger, minimumN, coolDownDays, segment: segment?.id ?? null, dryRun: true, replayDays: REPLAYED_DAYS } });
  }, [rule?.id]);
  return trial;
}
