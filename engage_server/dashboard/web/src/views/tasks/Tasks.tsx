import { useState } from "preact/hooks";
import { CompleteTaskDocument, TasksDocument, type TasksQuery } from "../../api/documents";
import { may, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { type Column, DataTable } from "../../components/DataTable";
import { Refusal } from "../../components/form/Refusal";
import { Tile } from "../../components/Tile";
import { link, place, setQuery } from "../../shell/router";
import { day, today } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  title: ["Tasks", "할 일"],
  closed: ["Your role may not see tasks. Ask an owner of the company.", "현재 역할로는 할 일을 볼 수 없습니다. 회사 소유자에게 문의하세요."],
  empty: ["Nothing is to be done. Playbooks with the step “Task for the owner” write here what is.", "할 일이 없습니다. ‘담당자 할 일’ 단계가 있는 플레이북이 여기에 할 일을 만듭니다."],
  open: ["To do", "할 일"],
  done: ["Done", "완료"],
  owner: ["Owner", "담당자"],
  of: ["Only of this owner", "이 담당자만"],
  account: ["Account", "고객"],
  person: ["Person", "사용자"],
  what: ["What", "내용"],
  withheld: ["not for you to see", "볼 수 없음"],
  due: ["Due", "기한"],
  over: ["overdue", "지남"],
  made: ["Since", "생성일"],
  outcome: ["What came of it", "결과"],
  complete: ["Done", "완료"],
  completeOf: ["Done: {title}", "완료: {title}"],
  send: ["Send", "보내기"],
  older: ["More", "더 보기"],
  newest: ["From the start", "처음부터"],
});
type Task = NonNullable<TasksQuery["tasks"]>["edges"][number]["node"];

/** What playbooks have given the owners of accounts to do, and what came of it. */
export function Tasks() {
  const session = useSession().data;
  const { query } = place.value;
  const isDone = query.get("show") === "done";
  const isOpen = session !== null && may(session, "automation:read");
  const tasks = useTile(TasksDocument, isOpen ? { owner: query.get("owner"), done: isDone, after: query.get("after") } : null);
  const [taken, setTaken] = useState<Task | null>(null);
  if (session && !isOpen) return <><h1>{t("title")}</h1><p class="empty">{t("closed")}</p></>;
  const mayComplete = session !== null && may(session, "automation:write");
  const page = tasks.data?.tasks?.pageInfo;
  return (
    <Tile
      title={t("title")}
      level={1}
      state={tasks}
      empty={t("empty")}
      isEmpty={(data) => !data.tasks?.edges.length}
      actions={
        <>
          <input type="text" class="small" aria-label={t("of")} placeholder={t("of")} value={query.get("owner") ?? ""} onChange={(event) => setQuery({ owner: event.currentTarget.value, after: null })} />
          <button type="button" class="quiet" aria-pressed={!isDone} onClick={() => setQuery({ show: null, after: null })}>{t("open")}</button>
          <button type="button" class="quiet" aria-pressed={isDone} onClick={() => setQuery({ show: "done", after: null })}>{t("done")}</button>
        </>
      }
    >
      {(data) => (
        <>
          {taken && <Complete key={taken.id} task={taken} end={() => setTaken(null)} />}
          <DataTable<Task> name="tasks" caption={t("title")} rows={data.tasks!.edges.map(({ node }) => node)} rowKey={(one) => one.id} columns={columns(isDone, mayComplete ? setTaken : null)} />
          <p class="pages">
            {query.get("after") && <button type="button" onClick={() => setQuery({ after: null })}>{t("newest")}</button>}
            {page?.hasNextPage && <button type="button" onClick={() => setQuery({ after: page.endCursor })}>{t("older")}</button>}
          </p>
        </>
      )}
    </Tile>
  );
}

function columns(isDone: boolean, take: ((task: Task) => void) | null): Column<Task>[] {
  const name = (one: Task) => one.account?.name || one.account?.externalId || "";
  const isOver = (one: Task) => one.dueOn !== null && one.doneAt === null && one.dueOn < today();
  const shared: Column<Task>[] = [
    { key: "what", title: t("what"), cell: (one) => <span class="words wide" title={one.text ?? ""}>{one.title ?? <span class="faint">{t("withheld")}</span>}</span>, value: (one) => one.title },
    { key: "account", title: t("account"), cell: (one) => one.account?.externalId && <a href={link(["accounts", one.account.externalId])}>{name(one)}</a>, value: name },
    { key: "person", title: t("person"), cell: (one) => one.person && (one.person.name || one.person.externalId), value: (one) => one.person?.name },
    { key: "owner", title: t("owner"), cell: (one) => one.owner, value: (one) => one.owner },
    { key: "due", title: t("due"), cell: (one) => <span class={isOver(one) ? "bad" : ""}>{day(one.dueOn)}{isOver(one) && ` · ${t("over")}`}</span>, value: (one) => one.dueOn, numeric: true },
    { key: "made", title: t("made"), cell: (one) => <span class="faint">{day(one.madeAt)}</span>, value: (one) => one.madeAt, numeric: true },
  ];
  if (isDone) return [...shared, { key: "outcome", title: t("outcome"), cell: (one) => <span class="words" title={one.doneBy ?? ""}>{one.outcome ?? <span class="faint">{t("withheld")}</span>}</span>, value: (one) => one.outcome }];
  if (!take) return shared;
  return [...shared, { key: "done", title: t("complete"), cell: (one) => <button type="button" class="quiet" aria-label={t("completeOf", { title: one.title ?? name(one) })} onClick={() => take(one)}>{t("complete")}</button> }];
}

function Complete({ task, end }: { task: Task; end: () => void }) {
  const sending = useChange(CompleteTaskDocument);
  const [outcome, setOutcome] = useState("");
  const send = async (event: Event) => {
    event.preventDefault();
    if (await sending.send({ id: task.id, outcome })) end();
  };
  return (
    <form class="note" onSubmit={send}>
      <p><b>{task.title}</b> {task.text}</p>
      <Refusal failure={sending.failure} />
      <p class="buttons">
        <input type="text" aria-label={t("outcome")} placeholder={t("outcome")} value={outcome} onInput={(event) => setOutcome(event.currentTarget.value)} />
        <button type="submit" class="primary" disabled={!outcome || sending.busy}>{t("send")}</button>
      </p>
    </form>
  );
}
