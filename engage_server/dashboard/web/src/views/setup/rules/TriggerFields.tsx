import type { SessionQuery } from "../../../api/documents";
import { titleOf } from "../../../api/session";
import { CheckField, NumberField, SelectField } from "../../../components/form/Fields";
import { said } from "../../../words/enums";
import { words } from "../../../words/words";
import { EventField } from "../EventField";
import { fresh, KINDS, t as kind, type Trigger, turned } from "./triggers";

const t = words({
  when: ["When", "조건"],
  metric: ["Metric", "지표"],
  of: ["Of", "대상"],
  way: ["Is", "기준"],
  below: ["below", "미만"],
  above: ["above", "초과"],
  edge: ["Edge", "기준값"],
  clears: ["Over at (empty: the edge)", "해제 값(비우면 기준값)"],
  falls: ["falls by", "하락"],
  rises: ["rises by", "상승"],
  size: ["By how much", "변화량"],
  relative: ["as a share (0.2: by 20 %)", "비율(0.2: 20%)"],
  within: ["Within days", "기간(일)"],
  side: ["Unusually", "방향"],
  segment: ["Segment", "세그먼트"],
  entered: ["comes in", "진입"],
  left: ["leaves", "이탈"],
  times: ["At least times", "최소 횟수"],
  days: ["In days", "기간(일)"],
  after: ["After", "이후"],
  event: ["Not done", "미발생 이벤트"],
  ahead: ["Days ahead", "남은 일수"],
});

export interface SegmentChoice {
  id: string;
  number: number;
  name: string;
}

interface Props {
  trigger: Trigger;
  onChange: (trigger: Trigger) => void;
  session: SessionQuery;
  segments: readonly SegmentChoice[];
}

/** When the rule speaks: its kind, and what has to be said of that kind. */
export function TriggerFields({ trigger, onChange, session, segments }: Props) {
  const options = KINDS.map((one) => [one, kind(one)] as const);
  return (
    <div class="row">
      <SelectField label={t("when")} value={trigger.type} onChange={(next) => onChange(fresh(next))} options={options} />
      <Details trigger={trigger} onChange={onChange} session={session} segments={segments} />
    </div>
  );
}

function Details({ trigger, onChange, session, segments }: Props) {
  const set = (changes: Record<string, unknown>) => onChange({ ...trigger, ...changes });
  const count = (key: string, label: string) => (
    <NumberField label={label} value={(trigger[key] as number | null | undefined) ?? null} min={1} whole required onChange={(next) => set({ [key]: next })} />
  );
  switch (trigger.type) {
    case "value":
    case "change":
    case "anomaly":
      return <OfMetric trigger={trigger} onChange={onChange} session={session} />;
    case "segment":
      return (
        <>
          <SelectField label={t("way")} value={String(trigger.moved)} onChange={(moved) => set({ moved })} options={[["entered", t("entered")], ["left", t("left")]]} />
          <SelectField label={t("segment")} value={String(trigger.segment ?? "")} onChange={(next) => set({ segment: next ? Number(next) : null })} options={[["", "–"], ...segments.map((one) => [String(one.number), one.name] as const)]} />
        </>
      );
    case "event":
      return (
        <>
          <Of trigger={trigger} set={set} members={["account", "person"]} />
          <EventField value={String(trigger.event)} onChange={(event) => set({ event })} />
          {count("times", t("times"))}
          {count("days", t("days"))}
        </>
      );
    case "not_done":
      return (
        <>
          <Of trigger={trigger} set={set} members={["account", "person"]} />
          <EventField label={t("after")} value={String(trigger.after)} onChange={(after) => set({ after })} />
          <EventField label={t("event")} value={String(trigger.event)} onChange={(event) => set({ event })} />
          {count("within_days", t("within"))}
        </>
      );
    default:
      return count("days_ahead", t("ahead"));
  }
}

interface OfProps {
  trigger: Trigger;
  set: (changes: Record<string, unknown>) => void;
  members: readonly string[];
}

function Of({ trigger, set, members }: OfProps) {
  const options = members.map((one) => [one, said(one)] as const);
  return <SelectField label={t("of")} value={String(trigger.subject ?? "account")} onChange={(subject) => set({ subject })} options={options} />;
}

function OfMetric({ trigger, onChange, session }: Omit<Props, "segments">) {
  const set = (changes: Record<string, unknown>) => onChange({ ...trigger, ...changes });
  const subject = String(trigger.subject ?? "account");
  const metrics = session.metrics.filter((one) => (one.subjects as readonly string[]).includes(subject.toUpperCase())).map((one) => [one.id, titleOf(one)] as const);
  const value = (key: string) => (trigger[key] as number | null | undefined) ?? null;
  const way = (pair: readonly [string, string], [first, second]: readonly [string, string]) => {
    const now = pair[0] in trigger ? pair[0] : pair[1];
    return (
      <>
        <SelectField label={t("way")} value={now} onChange={(to) => to !== now && onChange(turned(trigger, [now, to]))} options={[[pair[0], first], [pair[1], second]]} />
        <NumberField label={trigger.type === "value" ? t("edge") : t("size")} value={value(now)} required onChange={(next) => set({ [now]: next })} />
      </>
    );
  };
  return (
    <>
      <Of trigger={trigger} set={set} members={["account", "tenant"]} />
      <SelectField label={t("metric")} value={String(trigger.metric)} onChange={(metric) => set({ metric })} options={[["", "–"], ...metrics]} />
      {trigger.type === "value" && (
        <>
          {way(["below", "above"], [t("below"), t("above")])}
          <NumberField label={t("clears")} value={value("clears_at")} onChange={(clears_at) => set({ clears_at })} />
        </>
      )}
      {trigger.type === "change" && (
        <>
          {way(["falls_by", "rises_by"], [t("falls"), t("rises")])}
          <CheckField label={t("relative")} value={trigger.relative === true} onChange={(relative) => set({ relative: relative || null })} />
          <NumberField label={t("within")} value={value("days")} min={1} whole required onChange={(days) => set({ days })} />
        </>
      )}
      {trigger.type === "anomaly" && (
        <SelectField label={t("side")} value={String(trigger.side ?? "BOTH")} onChange={(side) => set({ side })} options={(["LOW", "HIGH", "BOTH"] as const).map((one) => [one, kind(one)] as const)} />
      )}
    </>
  );
}
