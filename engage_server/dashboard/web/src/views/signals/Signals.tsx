import { useState } from "preact/hooks";
import { AcknowledgeSignalDocument, SignalsDocument, type SignalsQuery } from "../../api/documents";
import { may, titleOfMetric, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { type Column, DataTable } from "../../components/DataTable";
import { Refusal } from "../../components/form/Refusal";
import { Tile } from "../../components/Tile";
import { link, place, setQuery } from "../../shell/router";
import { day, money } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";
import { told } from "./evidence";

const t = words({
  title: ["Signals", "신호"],
  closed: ["Your role may not see signals. Ask an owner of the company.", "현재 역할로는 신호를 볼 수 없습니다. 회사 소유자에게 문의하세요."],
  noRules: ["No rule watches yet. Rules are made by `createRule`: a metric's value, change or anomaly, who enters or leaves a segment, an event that is done or not done, a renewal. What they raise queues here.", "아직 감시하는 규칙이 없습니다. createRule로 규칙을 만들면(지표의 값·변화·이상, 세그먼트 진입·이탈, 이벤트 발생·미발생, 갱신) 발생한 신호가 여기에 쌓입니다."],
  empty: ["Nothing waits for you. Rules that watch: {count}.", "대기 중인 신호가 없습니다. 규칙 {count}개가 감시 중입니다."],
  open: ["Waiting", "대기 중"],
  all: ["All", "전체"],
  account: ["Account", "고객"],
  kind: ["Kind", "종류"],
  rule: ["Rule", "규칙"],
  reason: ["Why", "이유"],
  worth: ["Monthly revenue", "월 매출"],
  owner: ["Owner", "담당자"],
  raised: ["Raised", "발생일"],
  done: ["Taken up", "처리"],
  take: ["Take up", "처리하기"],
  takeOf: ["Take up the signal of {name}", "{name}: 처리하기"],
  why: ["What will you do, or why nothing?", "무엇을 할지, 또는 하지 않는 이유"],
  send: ["Send", "보내기"],
  rules: ["Rules", "규칙"],
  name: ["Name", "이름"],
  note: ["What to do", "대응 방법"],
});
type Signal = NonNullable<SignalsQuery["signals"]>["edges"][number]["node"];

/** What rules have raised and nobody has taken up: the queue of a customer-success team. */
export function Signals() {
  const session = useSession().data;
  const isAll = place.value.query.get("show") === "all";
  const isOpen = session !== null && may(session, "automation:read");
  const signals = useTile(SignalsDocument, isOpen ? { acknowledged: isAll ? null : false, cleared: isAll } : null);
  const [taken, setTaken] = useState<Signal | null>(null);
  if (session && !isOpen) return <><h1>{t("title")}</h1><p class="empty">{t("closed")}</p></>;
  const mayTake = session !== null && may(session, "automation:write");
  const why = (one: Signal) => told(one.evidence, titleOfMetric(session));
  const rules = signals.data?.rules?.edges.map(({ node }) => node) ?? [];
  return (
    <div class="stack">
      <Tile
        title={t("title")}
        level={1}
        state={signals}
        empty={rules.length ? t("empty", { count: rules.length }) : t("noRules")}
        isEmpty={(data) => !data.signals?.edges.length}
        actions={
          <>
            <button type="button" class="quiet" aria-pressed={!isAll} onClick={() => setQuery({ show: null })}>{t("open")}</button>
            <button type="button" class="quiet" aria-pressed={isAll} onClick={() => setQuery({ show: "all" })}>{t("all")}</button>
          </>
        }
      >
        {(data) => (
          <>
            {taken && <TakeUp key={taken.id} signal={taken} why={why(taken)} done={() => setTaken(null)} />}
            <DataTable<Signal> name="signals" caption={t("title")} rows={(data.signals?.edges ?? []).map(({ node }) => node)} rowKey={(one) => one.id} order="raised.desc" columns={columns(why, mayTake ? setTaken : null)} />
          </>
        )}
      </Tile>
      {rules.length > 0 && (
        <Tile title={t("rules")} state={signals}>
          {() => (
            <DataTable
              name="rules"
              caption={t("rules")}
              rows={rules}
              rowKey={(one) => one.id}
              columns={[
                { key: "name", title: t("name"), cell: (one) => one.name, value: (one) => one.name },
                { key: "kind", title: t("kind"), cell: (one) => said(one.kind), value: (one) => one.kind },
                { key: "note", title: t("note"), cell: (one) => <span class="words">{one.note}</span>, value: (one) => one.note },
              ]}
            />
          )}
        </Tile>
      )}
    </div>
  );
}

function columns(why: (signal: Signal) => string, take: ((signal: Signal) => void) | null): Column<Signal>[] {
  const name = (one: Signal) => one.account?.name ?? one.account?.externalId ?? "";
  return [
    { key: "account", title: t("account"), cell: (one) => one.account?.externalId && <a href={link(["accounts", one.account.externalId])}>{name(one)}</a>, value: name },
    { key: "kind", title: t("kind"), cell: (one) => <span class={one.kind === "RISK" ? "bad" : "good"}>{said(one.kind)}</span>, value: (one) => one.kind },
    { key: "reason", title: t("reason"), cell: (one) => <span class="words wide" title={why(one)}>{why(one) || "–"}</span>, value: why },
    { key: "rule", title: t("rule"), cell: (one) => <span title={one.rule?.note}>{one.rule?.name}</span>, value: (one) => one.rule?.name },
    { key: "worth", title: t("worth"), cell: (one) => one.account?.recurring?.map((part) => money(Number(part.amount), part.currency)).join(" + "), value: (one) => Number(one.account?.recurring?.[0]?.amount ?? 0), numeric: true, first: "desc" },
    { key: "owner", title: t("owner"), cell: (one) => one.account?.owner, value: (one) => one.account?.owner },
    { key: "raised", title: t("raised"), cell: (one) => day(one.raisedOn), value: (one) => one.raisedOn, numeric: true, first: "desc" },
    {
      key: "done",
      title: t("done"),
      cell: (one) => one.acknowledgedAt ? <span class="faint" title={one.reason}>{one.acknowledgedBy}</span> : take && <button type="button" class="quiet" aria-label={t("takeOf", { name: name(one) })} onClick={() => take(one)}>{t("take")}</button>,
    },
  ];
}

function TakeUp({ signal, why, done }: { signal: Signal; why: string; done: () => void }) {
  const taking = useChange(AcknowledgeSignalDocument);
  const [reason, setReason] = useState("");
  const send = async (event: Event) => {
    event.preventDefault();
    if (await taking.send({ id: signal.id, reason })) done();
  };
  return (
    <form class="note" onSubmit={send}>
      <p><b>{signal.account?.name}</b> {why}</p>
      <Refusal failure={taking.failure} />
      <p class="buttons">
        <input type="text" aria-label={t("why")} placeholder={t("why")} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        <button type="submit" class="primary" disabled={!reason || taking.busy}>{t("send")}</button>
      </p>
    </form>
  );
}
