import { useState } from "preact/hooks";
import { CreateGoalDocument, type GoalsQuery, GoalsDocument, RetireGoalDocument, type SessionQuery } from "../../api/documents";
import { may, titleOf, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { DataTable } from "../../components/DataTable";
import { NumberField, SelectField, TextField } from "../../components/form/Fields";
import { Refusal } from "../../components/form/Refusal";
import { Tile } from "../../components/Tile";
import { link } from "../../shell/router";
import { day, measured, number, share, shiftDay, today } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";

const t = words({
  title: ["Goals", "목표"],
  empty: ["No goal is set. Say below what value a metric is to reach, and by when.", "설정된 목표가 없습니다. 아래에서 지표가 언제까지 어떤 값에 도달할지 정하세요."],
  name: ["Name", "이름"],
  metric: ["Metric", "지표"],
  of: ["Of", "대상"],
  company: ["the company", "회사 전체"],
  target: ["Target", "목표값"],
  now: ["Now", "현재"],
  progress: ["Progress", "진행률"],
  status: ["Status", "상태"],
  due: ["Due", "기한"],
  end: ["End", "종료"],
  endOf: ["End goal {name}", "목표 {name} 종료"],
  account: ["Account (external id; empty: the company)", "고객(외부 ID; 비우면 회사 전체)"],
  add: ["Set a goal", "목표 설정"],
});
type Goal = GoalsQuery["goals"]["edges"][number]["node"];

/** Goals with how far they have come, and a form for one more. */
export function Goals() {
  const session = useSession().data;
  const goals = useTile(GoalsDocument, {});
  const retire = useChange(RetireGoalDocument);
  const isMine = session !== null && may(session, "config:write");
  const title = (id: string) => {
    const found = session?.metrics.find((one) => one.id === id);
    return found ? titleOf(found) : id;
  };
  return (
    <div class="stack">
      <Tile title={t("title")} state={goals} empty={t("empty")} isEmpty={(data) => !data.goals.edges.length}>
        {(data) => (
          <>
            <Refusal failure={retire.failure} />
            <DataTable<Goal>
              name="goals"
              caption={t("title")}
              rows={data.goals.edges.map(({ node }) => node)}
              rowKey={(one) => one.id}
              order="due.asc"
              columns={[
                { key: "name", title: t("name"), cell: (one) => one.name, value: (one) => one.name },
                { key: "metric", title: t("metric"), cell: (one) => <a href={link(["metrics", one.metric])}>{title(one.metric)}</a>, value: (one) => title(one.metric) },
                { key: "of", title: t("of"), cell: (one) => (one.account ? <a href={link(["accounts", one.account.externalId])}>{one.account.name}</a> : t("company")), value: (one) => one.account?.name },
                { key: "now", title: t("now"), cell: (one) => measured(one.current?.value, one.current?.unit ?? ""), value: (one) => one.current?.value, numeric: true },
                { key: "target", title: t("target"), cell: (one) => number(one.target), value: (one) => one.target, numeric: true },
                { key: "progress", title: t("progress"), cell: (one) => share(one.progress), value: (one) => one.progress, numeric: true },
                { key: "status", title: t("status"), cell: (one) => said(one.status), value: (one) => one.status },
                { key: "due", title: t("due"), cell: (one) => day(one.due), value: (one) => one.due, numeric: true },
                { key: "end", title: t("end"), cell: (one) => isMine && <button type="button" class="quiet" aria-label={t("endOf", { name: one.name })} onClick={() => retire.send({ id: one.id })}>{t("end")}</button> },
              ]}
            />
          </>
        )}
      </Tile>
      {isMine && session && <NewGoal session={session} />}
    </div>
  );
}

function NewGoal({ session }: { session: SessionQuery }) {
  const making = useChange(CreateGoalDocument);
  const [name, setName] = useState("");
  const [metric, setMetric] = useState(session.metrics[0]?.id ?? "");
  const [target, setTarget] = useState<number | null>(null);
  const [due, setDue] = useState(shiftDay(today(), 90));
  const [account, setAccount] = useState("");
  const save = async (event: Event) => {
    event.preventDefault();
    if (target === null) return;
    if (await making.send({ goal: { name, metric, target, due, account: account || null } })) setName("");
  };
  return (
    <form class="tile" aria-label={t("add")} onSubmit={save}>
      <header class="tile-head"><h2>{t("add")}</h2></header>
      <Refusal failure={making.failure} />
      <div class="row">
        <TextField label={t("name")} value={name} onChange={setName} required />
        <SelectField label={t("metric")} value={metric} onChange={setMetric} options={session.metrics.map((one) => [one.id, titleOf(one)] as const)} />
        <NumberField label={t("target")} value={target} onChange={setTarget} required />
        <TextField label={t("due")} type="date" value={due} onChange={setDue} required />
        <TextField label={t("account")} value={account} onChange={setAccount} />
        <button type="submit" class="primary" disabled={making.busy}>{t("add")}</button>
      </div>
    </form>
  );
}
