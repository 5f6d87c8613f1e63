import { useState } from "preact/hooks";
import { RetireRuleDocument, RulesDocument } from "../../../api/documents";
import { may, titleOfMetric, useSession } from "../../../api/session";
import { useTile } from "../../../api/tile";
import { useChange } from "../../../api/useChange";
import { type Column, DataTable } from "../../../components/DataTable";
import { Refusal } from "../../../components/form/Refusal";
import { Tile } from "../../../components/Tile";
import { said } from "../../../words/enums";
import { words } from "../../../words/words";
import { Confirmed } from "../Confirmed";
import { type Rule, RuleForm } from "./RuleForm";
import { describe, type Trigger } from "./triggers";

const t = words({
  title: ["Rules", "규칙"],
  empty: ["No rule watches yet. Make the first one: what it would have said in the past is shown before it is saved.", "감시하는 규칙이 없습니다. 첫 규칙을 만드세요. 저장하기 전에 과거에 적용한 결과를 볼 수 있습니다."],
  add: ["A new rule", "새 규칙"],
  name: ["Name", "이름"],
  kind: ["Kind", "종류"],
  when: ["When", "조건"],
  about: ["About", "대상"],
  everybody: ["everybody", "전체"],
  note: ["What to do", "대응 방법"],
  told: ["Told", "알림"],
  change: ["Change", "변경"],
  changeOf: ["Change rule {name}", "규칙 {name} 변경"],
  end: ["End", "종료"],
  endOf: ["End rule {name}", "규칙 {name} 종료"],
  consequence: ["Its open signals are over, and no playbook is begun by it any more. Its history stays.", "열린 신호가 닫히고 이 규칙으로 시작하는 플레이북도 멈춥니다. 이력은 남습니다."],
});

/** Rules that raise signals, and the form for one, which shows what it would have said before it is saved. */
export function Rules() {
  const session = useSession().data;
  const rules = useTile(RulesDocument, {});
  const retire = useChange(RetireRuleDocument);
  const [formed, setFormed] = useState<Rule | "new" | null>(null);
  const isMine = session !== null && may(session, "automation:write");
  const titleOf = titleOfMetric(session);
  return (
    <div class="stack">
      <Tile
        title={t("title")}
        state={rules}
        empty={t("empty")}
        isEmpty={(data) => !data.rules?.edges.length}
        actions={isMine && <button type="button" class="primary" onClick={() => setFormed("new")}>{t("add")}</button>}
      >
        {(data) => (
          <>
            <Refusal failure={retire.failure} />
            <DataTable<Rule>
              name="rules"
              caption={t("title")}
              rows={data.rules!.edges.map(({ node }) => node)}
              rowKey={(one) => one.id}
              columns={columns(titleOf, (number) => data.segments.edges.find(({ node }) => node.number === number)?.node.name ?? String(number), isMine ? { change: setFormed, end: (id) => void retire.send({ id }) } : null)}
            />
          </>
        )}
      </Tile>
      {formed && session && rules.data && (
        <RuleForm key={formed === "new" ? "" : formed.id} session={session} data={rules.data} rule={formed === "new" ? null : formed} titleOf={titleOf} done={() => setFormed(null)} />
      )}
    </div>
  );
}

interface Ways {
  change: (rule: Rule) => void;
  end: (id: string) => void;
}

function columns(titleOf: (metric: string) => string, nameOf: (segment: number) => string, ways: Ways | null): Column<Rule>[] {
  const when = (one: Rule) => describe(one.trigger as Trigger, titleOf, nameOf);
  const all: Column<Rule>[] = [
    { key: "name", title: t("name"), cell: (one) => one.name, value: (one) => one.name },
    { key: "kind", title: t("kind"), cell: (one) => <span class={one.kind === "RISK" ? "bad" : "good"}>{said(one.kind)}</span>, value: (one) => one.kind },
    { key: "when", title: t("when"), cell: (one) => <span class="words" title={when(one)}>{when(one)}</span>, value: when },
    { key: "about", title: t("about"), cell: (one) => one.segment?.name ?? t("everybody"), value: (one) => one.segment?.name },
    { key: "note", title: t("note"), cell: (one) => <span class="words" title={one.note}>{one.note}</span>, value: (one) => one.note },
    { key: "told", title: t("told"), cell: (one) => one.notify.map((channel) => channel.name).join(", "), value: (one) => one.notify.map((channel) => channel.name).join(", ") },
  ];
  if (!ways) return all;
  return [
    ...all,
    { key: "change", title: t("change"), cell: (one) => <button type="button" class="quiet" aria-label={t("changeOf", { name: one.name })} onClick={() => ways.change(one)}>{t("change")}</button> },
    { key: "end", title: t("end"), cell: (one) => <Confirmed action={t("end")} label={t("endOf", { name: one.name })} consequence={t("consequence")} onYes={() => ways.end(one.id)} /> },
  ];
}
