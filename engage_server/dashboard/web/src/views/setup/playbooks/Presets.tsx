import { useState } from "preact/hooks";
import { ApplyPresetDocument, PlaybookPresetsDocument, type PlaybookPresetsQuery } from "../../../api/documents";
import { useTile } from "../../../api/tile";
import { useChange } from "../../../api/useChange";
import { SelectField, TextField } from "../../../components/form/Fields";
import { Refusal } from "../../../components/form/Refusal";
import { Tile } from "../../../components/Tile";
import { language, words } from "../../../words/words";
import { EventField, KnownEvents } from "../EventField";

const t = words({
  title: ["Playbooks that come with the server", "기본 제공 플레이북"],
  channel: ["By", "채널"],
  after: ["After", "이후"],
  event: ["Event", "이벤트"],
  link: ["Page that the message leads to", "메시지가 연결할 페이지"],
  apply: ["Make it, switched off", "꺼진 상태로 만들기"],
  made: ["Made. It stands above, switched off.", "만들어졌습니다. 위 목록에 꺼진 상태로 있습니다."],
  noChannel: ["Needs a channel by which its messages go.", "메시지를 보낼 채널이 필요합니다."],
});
type Preset = NonNullable<PlaybookPresetsQuery["playbookPresets"]>[number];

interface Choice {
  id: string;
  name: string;
}

/** Playbooks with their case, each made by naming a channel and one's own events. */
export function Presets({ channels }: { channels: readonly Choice[] }) {
  const presets = useTile(PlaybookPresetsDocument, {});
  return (
    <Tile title={t("title")} state={presets} isEmpty={(data) => !data.playbookPresets?.length}>
      {(data) => (
        <>
          <KnownEvents names={data.eventNames.edges.map(({ node }) => node.name)} />
          <ul class="checklist">
            {(data.playbookPresets ?? []).map((one) => <li key={one.name} class="bundle"><PresetRow preset={one} channels={channels} /></li>)}
          </ul>
        </>
      )}
    </Tile>
  );
}

function PresetRow({ preset, channels }: { preset: Preset; channels: readonly Choice[] }) {
  const making = useChange(ApplyPresetDocument);
  const [channel, setChannel] = useState(channels[0]?.id ?? "");
  const [named, setNamed] = useState<Record<string, string>>({});
  const isKorean = language.value === "ko";
  const name = isKorean ? preset.titleKo : preset.title;
  const chosen = channel || channels[0]?.id || "";
  const apply = () => making.send({ name: preset.name, channel: chosen, after: named.after ?? null, event: named.event ?? null, link: named.link ?? null });
  return (
    <div>
      <b>{name}</b>
      <p class="faint">{isKorean ? preset.whyKo : preset.why}</p>
      <Refusal failure={making.failure} />
      {channels.length ? (
        <div class="row">
          <SelectField label={t("channel")} value={chosen} onChange={setChannel} options={channels.map((one) => [one.id, one.name] as const)} />
          {preset.needs.map((need) => {
            const given = { value: named[need] ?? "", onChange: (next: string) => setNamed({ ...named, [need]: next }) };
            return need === "link" ? <TextField key={need} label={t("link")} placeholder="https://" {...given} /> : <EventField key={need} label={need === "after" ? t("after") : t("event")} {...given} />;
          })}
          <button type="button" aria-label={`${t("apply")}: ${name}`} disabled={making.busy || preset.needs.some((need) => !named[need])} onClick={apply}>{t("apply")}</button>
          <span role="status">{making.data && t("made")}</span>
        </div>
      ) : (
        <p class="hint">{t("noChannel")}</p>
      )}
    </div>
  );
}
