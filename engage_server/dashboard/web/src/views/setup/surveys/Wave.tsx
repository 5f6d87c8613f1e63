import { useState } from "preact/hooks";
import { StartWaveDocument, type SurveyDefinitionsQuery } from "../../../api/documents";
import { useChange } from "../../../api/useChange";
import { NumberField, SelectField } from "../../../components/form/Fields";
import { Refusal } from "../../../components/form/Refusal";
import { day, number } from "../../../words/format";
import { words } from "../../../words/words";
import { Confirmed } from "../Confirmed";
import type { Survey } from "./Definitions";

const t = words({
  title: ["A wave of {name}", "{name} 일괄 발송"],
  release: ["About the release", "릴리스"],
  segment: ["Asks the members of", "대상 세그먼트"],
  channel: ["By", "채널"],
  most: ["Nobody, where they are more than", "다음보다 많으면 보내지 않음"],
  lacks: ["A wave needs {what}, of which there is none yet.", "필요한 항목이 없습니다: {what}."],
  releases: ["an annotation of the kind release", "릴리스 주석"],
  segments: ["a segment of persons", "사용자 세그먼트"],
  channels: ["a channel to persons", "사용자 메일 채널"],
  count: ["How many would be asked", "대상 수 확인"],
  counted: ["{persons} are members; {asked} of them would be asked. The others were asked lately, or may not be.", "구성원 {persons}명 중 {asked}명에게 묻습니다. 나머지는 최근에 물었거나 물을 수 없습니다."],
  start: ["Ask them", "보내기"],
  goes: ["{asked} persons are mailed at once, each once for this release.", "{asked}명에게 지금 메일을 보냅니다(릴리스당 한 번)."],
  started: ["{asked} were asked.", "{asked}명에게 보냈습니다."],
  cancel: ["Leave it", "취소"],
});

/** Asks the persons of a segment about a release: counted first, then sent once that is agreed to. */
export function Wave({ survey, data, done }: { survey: Survey; data: SurveyDefinitionsQuery; done: () => void }) {
  const releases = data.annotations.edges.map(({ node }) => node).filter((one) => one.kind === "RELEASE");
  const segments = data.segments.edges.map(({ node }) => node).filter((one) => one.subject === "PERSON");
  const channels = data.channels?.edges.map(({ node }) => node).filter((one) => one.kind === "PERSONS") ?? [];
  const [release, setRelease] = useState(releases[0]?.id ?? "");
  const [segment, setSegment] = useState(segments[0]?.id ?? "");
  const [channel, setChannel] = useState(channels[0]?.id ?? "");
  const [atMost, setMost] = useState<number | null>(100);
  const counting = useChange(StartWaveDocument, { refreshes: false });
  const starting = useChange(StartWaveDocument);
  const [of, setOf] = useState("");
  const asked = { id: survey.id, release, segment, channel, atMost: atMost ?? 0 };
  const key = JSON.stringify(asked);
  const count = async () => (await counting.send({ ...asked, dryRun: true })) && setOf(key);
  const counted = of === key ? counting.data?.startSurveyWave : undefined;
  const lacks = [releases.length ? "" : t("releases"), segments.length ? "" : t("segments"), channels.length ? "" : t("channels")].filter(Boolean);
  const title = t("title", { name: survey.name });
  return (
    <section class="tile builder" aria-label={title}>
      <header class="tile-head"><h2>{title}</h2></header>
      {lacks.length > 0 ? (
        <p class="note warn-note">{t("lacks", { what: lacks.join(", ") })}</p>
      ) : (
        <div class="row">
          <SelectField label={t("release")} value={release} onChange={setRelease} options={releases.map((one) => [one.id, `${day(one.day)} ${one.text}`] as const)} />
          <SelectField label={t("segment")} value={segment} onChange={setSegment} options={segments.map((one) => [one.id, one.name] as const)} />
          <SelectField label={t("channel")} value={channel} onChange={setChannel} options={channels.map((one) => [one.id, one.name] as const)} />
          <NumberField label={t("most")} value={atMost} min={1} whole onChange={setMost} />
          <button type="button" disabled={counting.busy || !atMost} onClick={count}>{t("count")}</button>
        </div>
      )}
      <Refusal failure={counting.failure ?? starting.failure} />
      {counted && <p class="note" role="status">{t("counted", { persons: number(counted.persons), asked: number(counted.asked) })}</p>}
      <div class="row commit">
        {counted && counted.asked > 0 && !starting.data && <Confirmed action={t("start")} label={title} consequence={t("goes", { asked: number(counted.asked) })} onYes={() => void starting.send({ ...asked, dryRun: false })} />}
        <span role="status">{starting.data && t("started", { asked: number(starting.data.startSurveyWave.asked) })}</span>
        <button type="button" class="quiet" onClick={done}>{t("cancel")}</button>
      </div>
    </section>
  );
}
