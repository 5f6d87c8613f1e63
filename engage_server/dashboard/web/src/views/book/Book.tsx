import { useEffect, useMemo } from "preact/hooks";
import { BookDocument, type BookQuery } from "../../api/documents";
import { foretell } from "../../api/foretold";
import { accountMetrics, scoreMetric, titleOf, useSession, valueUnit, worthMetric } from "../../api/session";
import { useTile } from "../../api/tile";
import { Band } from "../../components/Band";
import { type Column, DataTable } from "../../components/DataTable";
import { Delta } from "../../components/Delta";
import { Sparkline } from "../../components/Sparkline";
import { Tile } from "../../components/Tile";
import { link, place, setQuery } from "../../shell/router";
import { day, daysBetween, measured, number, today } from "../../words/format";
import { said } from "../../words/enums";
import { language, words } from "../../words/words";
import { Filters } from "./Filters";
import { AT_FIRST, asked, THEN } from "./asked";
import { type Chosen, recall, remember } from "./chosen";
import { ANY, isFiltered, mayName } from "./filter";
import { type Row, row } from "./rows";

const t = words({
  title: ["My book", "내 고객"],
  caption: ["Accounts by {metric}", "{metric} 기준 고객"],
  empty: [
    "No customer has come in yet. Send group calls or import accounts, and this fills by itself.",
    "아직 고객이 없습니다. group 호출을 보내거나 고객 파일을 가져오면 자동으로 채워집니다.",
  ],
  stages: ["Accounts of all stages", "모든 단계의 고객"],
  noMetric: [
    "No metric of accounts is switched on. Enable a plugin that measures accounts, such as a health score, in Set-up.",
    "고객을 측정하는 지표가 켜져 있지 않습니다. 설정에서 건강 점수 같은 플러그인을 켜세요.",
  ],
  page: ["{shown} of {total} accounts", "고객 {total}곳 중 {shown}곳"],
  first: ["First page", "처음"],
  next: ["Next page", "다음"],
  metric: ["Score", "점수"],
  account: ["Account", "고객"],
  band: ["Band", "상태"],
  week: ["7 days", "7일"],
  month: ["30 days", "30일"],
  trend: ["Trend", "추이"],
  trendOf: ["{account}: {metric} in 90 days", "{account}: 최근 90일 {metric}"],
  reason: ["First reason", "첫 번째 이유"],
  renews: ["Renewal", "갱신일"],
  soon: ["in {count} day{count|s}", "{count}일 후"],
  plan: ["Plan", "요금제"],
  stage: ["Stage", "단계"],
  owner: ["Owner", "담당자"],
  stake: ["At stake", "위험 금액"],
  stakeHint: ["Drop in 30 days × worth; the order where you choose none", "30일 하락 × 금액. 정렬을 선택하지 않으면 이 순서입니다"],
  order: ["By drop in 30 days × {worth}", "30일 하락 × {worth} 순"],
  age: ["Age", "경과"],
  days: ["{count} d", "{count}일"],
});
const NOTHING = { accounts: { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, edges: [] } };

/** The table that a customer-success team keeps open. */
export function Book() {
  const session = useSession();
  const { query } = place.value;
  const metric = session.data && scoreMetric(session.data, query.get("score"));
  const worth = session.data && worthMetric(session.data, query.get("worth"));
  const chosen: Chosen | null = session.data
    ? metric && { score: metric.id, worth: worth?.id ?? null, titles: [titleOf(metric), worth && titleOf(worth)] }
    : recall(query);
  const [name = t("metric"), earned = null] = chosen?.titles ?? [];
  const wanted = chosen && asked(chosen, query, AT_FIRST, query.get("after"));
  useEffect(() => {
    if (!session.data || !chosen || !wanted) return;
    remember(chosen);
    if (!mayName(query)) foretell(BookDocument, wanted);
  }, [chosen?.score, chosen?.worth, name, session.data, query]);
  const first = useTile(BookDocument, wanted);
  const end = first.data?.accounts.pageInfo;
  const goesOn = Boolean(end?.hasNextPage);
  const more = useTile(BookDocument, chosen && goesOn ? asked(chosen, query, THEN, end!.endCursor) : null);
  const book = goesOn ? { ...first, loading: first.loading || more.loading, failure: first.failure ?? more.failure } : first;
  const [head, tail] = [first.data?.accounts.edges, goesOn ? more.data?.accounts.edges : undefined];
  const hasWorth = Boolean(chosen?.worth);
  const speaks = language.value;
  // As long as these are the same, the table draws no row twice.
  const atFirst = useMemo(() => rowsOf(head, hasWorth), [head, hasWorth, speaks]);
  const then = useMemo(() => rowsOf(tail, hasWorth), [tail, hasWorth, speaks]);
  const shown = useMemo(() => columns(name, chosen?.score ?? "", earned), [name, chosen?.score, earned, speaks]);
  return (
    <Tile
      title={t("title")}
      level={1}
      state={session.data && !metric ? { ...book, data: NOTHING, loading: false } : chosen ? book : { ...session, data: null }}
      empty={metric ? <>{t("empty")} <a href={link([], { stage: ANY })}>{t("stages")}</a></> : t("noMetric")}
      isEmpty={(data) => data === NOTHING || (data.accounts.totalCount === 0 && !isFiltered(query))}
      actions={
        session.data && metric && (
          <label class="pick">
            <span class="sr">{t("metric")}</span>
            <select value={metric.id} onChange={(event) => setQuery({ score: event.currentTarget.value, after: null })}>
              {accountMetrics(session.data).map((one) => <option key={one.id} value={one.id}>{titleOf(one)}</option>)}
            </select>
          </label>
        )
      }
    >
      {({ accounts }) => {
        const end = goesOn ? more.data?.accounts.pageInfo : undefined;
        const rows = [...atFirst, ...then]; // of two with the same at stake the worse is first, by the server and so on every page
        return (
          <>
            <DataTable
              name="book"
              caption={t("caption", { metric: name })}
              columns={shown}
              rows={rows}
              rowKey={(one) => one.account.externalId}
              atOnce={4}
              order={chosen?.worth ? "stake.desc" : "month.asc"}
              tools={
                <>
                  <Filters plans={distinct(rows.map((one) => one.account.plan))} owners={distinct(rows.map((one) => one.account.owner))} />
                  {earned && !query.get("book.order") && <span class="faint">{t("order", { worth: earned })}</span>}
                </>
              }
            />
            <Pages shown={rows.length} total={accounts.totalCount ?? rows.length} next={end?.hasNextPage ? end.endCursor : null} />
          </>
        );
      }}
    </Tile>
  );
}

const rowsOf = (edges: BookQuery["accounts"]["edges"] | undefined, hasWorth: boolean): Row[] => (edges ?? []).map(({ node }) => row(node, hasWorth));

function Pages({ shown, total, next }: { shown: number; total: number; next: string | null }) {
  const isFirst = !place.value.query.get("after");
  if (isFirst && !next) return null;
  return (
    <div class="pages">
      <span class="faint">{t("page", { shown, total })}</span>
      {!isFirst && <button type="button" onClick={() => setQuery({ after: null })}>{t("first")}</button>}
      {next && <button type="button" onClick={() => setQuery({ after: next })}>{t("next")}</button>}
    </div>
  );
}

const distinct = (values: readonly string[]): string[] => [...new Set(values)].filter(Boolean).sort();

function columns(metric: string, id: string, worth: string | null): Column<Row>[] {
  const why = (one: Row, days: number) => link(["accounts", one.account.externalId, "why"], { metric: id, days: String(days) });
  return [
    {
      key: "account",
      title: t("account"),
      cell: ({ account }) => <a href={link(["accounts", account.externalId], { metric: id })}>{account.name || account.externalId}</a>,
      value: ({ account }) => account.name || account.externalId,
    },
    { key: "value", title: metric, cell: (one) => <b>{number(one.value, 1)}</b>, value: (one) => one.value, numeric: true },
    { key: "band", title: t("band"), cell: (one) => <Band band={one.band} />, value: (one) => one.band },
    {
      key: "week",
      title: t("week"),
      cell: (one) => <a class="plain" href={why(one, 7)}><Delta value={one.week} direction={one.account.metric?.direction} /></a>,
      value: (one) => one.week,
      numeric: true,
    },
    {
      key: "month",
      title: t("month"),
      cell: (one) => <a class="plain" href={why(one, 30)}><Delta value={one.month} direction={one.account.metric?.direction} /></a>,
      value: (one) => one.month,
      numeric: true,
    },
    {
      key: "trend",
      title: t("trend"),
      cell: ({ account }) => (
        <Sparkline days={account.metric?.sparkline.days ?? []} values={account.metric?.sparkline.values ?? []} label={t("trendOf", { account: account.name, metric })} />
      ),
    },
    { key: "reason", title: t("reason"), cell: (one) => <span class="words">{one.reason}</span>, value: (one) => one.reason },
    ...(worth === null ? [] : [worthColumn(worth)]),
    { key: "renews", title: t("renews"), cell: ({ account }) => <Renewal on={account.renewsOn} />, value: ({ account }) => account.renewsOn },
    { key: "plan", title: t("plan"), cell: ({ account }) => account.plan, value: ({ account }) => account.plan, hidden: true },
    { key: "stage", title: t("stage"), cell: ({ account }) => said(account.stage), value: ({ account }) => account.stage, hidden: true },
    { key: "owner", title: t("owner"), cell: ({ account }) => account.owner, value: ({ account }) => account.owner },
    {
      key: "stake",
      title: t("stake"),
      cell: (one) => number(one.stake, 0),
      value: (one) => one.stake,
      numeric: true,
      hidden: true,
      first: "desc",
      hint: t("stakeHint"),
    },
    {
      key: "age",
      title: t("age"),
      cell: (one) => <span class="faint">{one.ageDays === null ? "–" : t("days", { count: one.ageDays })}</span>,
      value: (one) => one.ageDays,
      numeric: true,
    },
  ];
}

function worthColumn(title: string): Column<Row> {
  return {
    key: "worth",
    title,
    cell: ({ account }) => (account.worth ? measured(account.worth.value, valueUnit(account.worth)) : "–"),
    value: ({ account }) => account.worth?.value,
    numeric: true,
    first: "desc",
  };
}

const SOON = 60; // days before a renewal within which it is told how many are left

function Renewal({ on }: { on: string | null }) {
  if (!on) return <span class="faint">–</span>;
  const left = daysBetween(today(), on);
  return <span class={left <= SOON ? "warn" : undefined} title={t("soon", { count: left })}>{day(on, { year: left > 300 })}</span>;
}
