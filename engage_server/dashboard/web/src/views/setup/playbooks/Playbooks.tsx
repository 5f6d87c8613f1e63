import { useState } from "preact/hooks";
import { PlaybooksDocument, RetirePlaybookDocument, UpdatePlaybookDocument, UpliftDocument } from "../../../api/documents";
import { may, useSession } from "../../../api/session";
import { useTile } from "../../../api/tile";
import { useChange } from "../../../api/useChange";
import { type Column, DataTable } from "../../../components/DataTable";
import { Refusal } from "../../../components/form/Refusal";
import { Tile } from "../../../components/Tile";
import { number, share, signed } from "../../../words/format";
import { words } from "../../../words/words";
import { Confirmed } from "../Confirmed";
import { type Playbook, PlaybookForm } from "./PlaybookForm";
import { Presets } from "./Presets";
import { describe, type Step } from "./steps";

const t = words({
  title: ["Playbooks", "플레이북"],
  empty: ["No playbook is made yet. Make one, or take one of those below that come with the server.", "플레이북이 없습니다. 새로 만들거나 아래의 기본 플레이북을 적용하세요."],
  add: ["A new playbook", "새 플레이북"],
  name: ["Name", "이름"],
  rule: ["Begins with", "시작 규칙"],
  gone: ["its rule was ended", "규칙이 종료됨"],
  steps: ["Steps", "단계"],
  holdOut: ["Left alone", "제외"],
  helps: ["Helps by", "효과"],
  helpsHint: ["Signals over within {days} days, in points more than of those left alone; with its interval", "{days}일 안에 끝난 신호의 비율 차이(제외 그룹 대비)와 구간"],
  see: ["See", "보기"],
  seeOf: ["See whether {name} helps", "{name} 효과 보기"],
  few: ["none yet of both", "아직 비교 불가"],
  between: ["{low} to {high}", "{low}~{high}"],
  state: ["State", "상태"],
  on: ["on", "켜짐"],
  off: ["off", "꺼짐"],
  switchOn: ["Switch on", "켜기"],
  switchOnOf: ["Switch on {name}", "{name} 켜기"],
  goes: ["From now on it acts on every new signal of {rule} ({many} at most): {steps}.", "이제부터 {rule}의 새 신호마다 실행됩니다 (최대 {many}): {steps}."],
  switchOff: ["Switch off", "끄기"],
  switchOffOf: ["Switch off {name}", "{name} 끄기"],
  change: ["Change", "변경"],
  changeOf: ["Change playbook {name}", "플레이북 {name} 변경"],
  end: ["End", "종료"],
  endOf: ["End playbook {name}", "플레이북 {name} 종료"],
  consequence: ["It stops at once, for everybody who is under way. Its history stays.", "진행 중인 대상까지 즉시 중단됩니다. 이력은 남습니다."],
});

/** Playbooks with what they do and whether that helps, and the form for one. */
export function Playbooks() {
  const session = useSession().data;
  const playbooks = useTile(PlaybooksDocument, {});
  const switching = useChange(UpdatePlaybookDocument);
  const retire = useChange(RetirePlaybookDocument);
  const [formed, setFormed] = useState<Playbook | "new" | null>(null);
  const isMine = session !== null && may(session, "automation:write");
  const channels = playbooks.data?.channels?.edges.map(({ node }) => node) ?? [];
  const told = (one: Playbook) => (one.steps as Step[]).map((step) => describe(step, (number) => channels.find((channel) => channel.number === number)?.name ?? `#${number}`)).join(" → ");
  return (
    <div class="stack">
      <Tile
        title={t("title")}
        state={playbooks}
        empty={t("empty")}
        isEmpty={(data) => !data.playbooks?.edges.length}
        actions={isMine && <button type="button" class="primary" onClick={() => setFormed("new")}>{t("add")}</button>}
      >
        {(data) => (
          <>
            <Refusal failure={switching.failure ?? retire.failure} />
            <DataTable<Playbook>
              name="playbooks"
              caption={t("title")}
              rows={data.playbooks!.edges.map(({ node }) => node)}
              rowKey={(one) => one.id}
              columns={[
                ...facts(told),
                ...(isMine ? ways(told, { change: setFormed, enable: (id, enabled, atMost) => void switching.send({ id, changes: { enabled, atMost } }), end: (id) => void retire.send({ id }) }) : []),
              ]}
            />
          </>
        )}
      </Tile>
      {formed && playbooks.data && <PlaybookForm key={formed === "new" ? "" : formed.id} data={playbooks.data} playbook={formed === "new" ? null : formed} done={() => setFormed(null)} />}
      {isMine && <Presets channels={channels} />}
    </div>
  );
}

function facts(told: (playbook: Playbook) => string): Column<Playbook>[] {
  return [
    { key: "name", title: t("name"), cell: (one) => one.name, value: (one) => one.name },
    { key: "rule", title: t("rule"), cell: (one) => one.rule?.name ?? <span class="faint">{t("gone")}</span>, value: (one) => one.rule?.name },
    { key: "steps", title: t("steps"), cell: (one) => <span class="words wide" title={told(one)}>{told(one)}</span>, value: told },
    { key: "holdOut", title: t("holdOut"), cell: (one) => share(one.holdOut), value: (one) => one.holdOut, numeric: true },
    { key: "helps", title: t("helps"), hint: t("helpsHint", { days: 14 }), cell: (one) => <Helps key={one.id} of={one} /> },
    { key: "state", title: t("state"), cell: (one) => <span class={one.enabled ? "good" : "faint"}>{one.enabled ? "●" : "○"} {t(one.enabled ? "on" : "off")}</span>, value: (one) => t(one.enabled ? "on" : "off") },
  ];
}

interface Ways {
  change: (playbook: Playbook) => void;
  enable: (id: string, enabled: boolean, atMost?: number | null) => void;
  end: (id: string) => void;
}

function ways(told: (playbook: Playbook) => string, { change, enable, end }: Ways): Column<Playbook>[] {
  return [
    {
      key: "switch",
      title: t("switchOn"),
      cell: (one) =>
        one.enabled ? (
          <button type="button" class="quiet" aria-label={t("switchOffOf", { name: one.name })} onClick={() => enable(one.id, false)}>{t("switchOff")}</button>
        ) : (
          <Confirmed action={t("switchOn")} label={t("switchOnOf", { name: one.name })} consequence={t("goes", { rule: one.rule?.name ?? "–", steps: told(one), many: one.audience ?? 0 })} onYes={() => enable(one.id, true, one.audience)} />
        ),
    },
    { key: "change", title: t("change"), cell: (one) => <button type="button" class="quiet" aria-label={t("changeOf", { name: one.name })} onClick={() => change(one)}>{t("change")}</button> },
    { key: "end", title: t("end"), cell: (one) => <Confirmed action={t("end")} label={t("endOf", { name: one.name })} consequence={t("consequence")} onYes={() => end(one.id)} /> },
  ];
}

/** Whether a playbook helps is asked for when somebody wants to know: all its journeys are looked at. */
function Helps({ of: { id, name } }: { of: Playbook }) {
  const [isOpen, setOpen] = useState(false);
  const { data, failure } = useTile(UpliftDocument, isOpen ? { id } : null);
  if (!isOpen) return <button type="button" class="quiet" aria-label={t("seeOf", { name })} onClick={() => setOpen(true)}>{t("see")}</button>;
  if (failure) return <Refusal failure={failure} />;
  if (!data) return <span class="faint" aria-busy="true">…</span>;
  const uplift = data.node && "uplift" in data.node ? data.node.uplift : null;
  if (!uplift || uplift.difference === null) return <span class="faint">{t("few")}</span>;
  return <span>{signed(uplift.difference, 0)} <span class="faint">{t("between", { low: number(uplift.low, 0), high: number(uplift.high, 0) })}</span></span>;
}
