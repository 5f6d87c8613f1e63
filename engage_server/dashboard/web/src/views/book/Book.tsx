import { BookDocument } from "../../api/documents";
import { accountMetrics, scoreMetric, titleOf, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { Band } from "../../components/Band";
import { type Column, DataTable } from "../../components/DataTable";
import { Delta } from "../../components/Delta";
import { Sparkline } from "../../components/Sparkline";
import { Tile } from "../../components/Tile";
import { link, place, setQuery } from "../../shell/router";
import { number, shiftDay, today } from "../../words/format";
import { words } from "../../words/words";
import { type Row, row } from "./rows";

const t = words({
  title: ["My book", "내 고객"],
  caption: ["Accounts by {metric}", "{metric} 기준 고객"],
  empty: [
    "No account has come in yet. Send group calls or import accounts, and this fills by itself.",
    "아직 고객이 없습니다. group 호출을 보내거나 고객 파일을 가져오면 자동으로 채워집니다.",
  ],
  metric: ["Score", "점수"],
  account: ["Account", "고객"],
  band: ["Band", "상태"],
  week: ["7 days", "7일"],
  month: ["30 days", "30일"],
  trend: ["Trend", "추이"],
  trendOf: ["{account}: {metric} in 90 days", "{account}: 최근 90일 {metric}"],
  reason: ["First reason", "첫 번째 이유"],
  plan: ["Plan", "요금제"],
  stage: ["Stage", "단계"],
  owner: ["Owner", "담당자"],
  age: ["Age", "경과"],
  days: ["{count} d", "{count}일"],
});
const DAYS = 90;

export const title = (): string => t("title");

/** The table that a customer-success team keeps open. */
export function Book() {
  const session = useSession();
  const metric = session.data && scoreMetric(session.data, place.value.query.get("score"));
  const until = today();
  const book = useTile(BookDocument, metric && { first: 100, after: null, score: metric.id, from: shiftDay(until, -DAYS), to: until });
  const name = metric ? titleOf(metric) : t("metric");
  return (
    <Tile
      title={t("title")}
      level={1}
      state={metric ? book : { ...session, data: null }}
      empty={t("empty")}
      isEmpty={(data) => data.accounts.edges.length === 0}
      actions={
        session.data && metric && (
          <label class="pick">
            <span class="sr">{t("metric")}</span>
            <select value={metric.id} onChange={(event) => setQuery({ score: event.currentTarget.value })}>
              {accountMetrics(session.data).map((one) => <option key={one.id} value={one.id}>{titleOf(one)}</option>)}
            </select>
          </label>
        )
      }
    >
      {(data) => (
        <DataTable
          name="book"
          caption={t("caption", { metric: name })}
          columns={columns(name, metric?.id ?? "")}
          rows={data.accounts.edges.map(({ node }) => row(node))}
          rowKey={(one) => one.account.externalId}
          order="month.asc"
        />
      )}
    </Tile>
  );
}

function columns(metric: string, id: string): Column<Row>[] {
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
        <Sparkline days={account.metric?.series.days ?? []} values={account.metric?.series.values ?? []} label={t("trendOf", { account: account.name, metric })} />
      ),
    },
    { key: "reason", title: t("reason"), cell: (one) => <span class="words">{one.reason}</span>, value: (one) => one.reason },
    { key: "plan", title: t("plan"), cell: ({ account }) => account.plan, value: ({ account }) => account.plan },
    { key: "stage", title: t("stage"), cell: ({ account }) => account.stage.toLowerCase(), value: ({ account }) => account.stage, hidden: true },
    { key: "owner", title: t("owner"), cell: ({ account }) => account.owner, value: ({ account }) => account.owner },
    {
      key: "age",
      title: t("age"),
      cell: (one) => <span class="faint">{one.ageDays === null ? "–" : t("days", { count: one.ageDays })}</span>,
      value: (one) => one.ageDays,
      numeric: true,
    },
  ];
}
