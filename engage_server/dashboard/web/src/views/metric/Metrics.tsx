import { type MetricsQuery, MetricsDocument } from "../../api/documents";
import { type Definition, titleOf, useSession, valueUnit } from "../../api/session";
import { useTile } from "../../api/tile";
import { type Column, DataTable } from "../../components/DataTable";
import { Delta } from "../../components/Delta";
import { Sparkline } from "../../components/Sparkline";
import { Tile } from "../../components/Tile";
import { link } from "../../shell/router";
import { measured, number, shiftDay, today } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";

const t = words({
  title: ["Metrics", "지표"],
  empty: ["No plugin is switched on that measures anything. Enable one in Set-up.", "켜져 있는 지표 플러그인이 없습니다. 설정에서 켜세요."],
  metric: ["Metric", "지표"],
  category: ["About", "분야"],
  value: ["Value", "값"],
  accounts: ["by account →", "고객별 →"],
  interval: ["Interval", "구간"],
  month: ["30 days", "30일"],
  trend: ["Trend", "추이"],
  trendOf: ["{metric} in 180 days", "최근 180일 {metric}"],
  subjects: ["Measured for", "측정 대상"],
  age: ["Age", "경과"],
  days: ["{count} d", "{count}일"],
});
const DAYS = 180;

interface Row {
  definition: Definition;
  latest: MetricsQuery["metrics"][number]["latest"];
}

/** Every metric of the tenant with its newest value. */
export function Metrics() {
  const session = useSession();
  const to = today();
  const metrics = useTile(MetricsDocument, { from: shiftDay(to, -DAYS), to });
  return (
    <Tile title={t("title")} level={1} state={session.data ? metrics : { ...session, data: null }} isEmpty={(data) => !data.metrics.length} empty={t("empty")}>
      {(data) => {
        const latest = new Map(data.metrics.map((one) => [one.id, one.latest]));
        const rows = session.data!.metrics.map((definition) => ({ definition, latest: latest.get(definition.id) ?? null }));
        rows.sort((one, other) => Number(one.latest?.value == null) - Number(other.latest?.value == null));
        return <DataTable name="metrics" caption={t("title")} columns={columns()} rows={rows} rowKey={(one) => one.definition.id} />;
      }}
    </Tile>
  );
}

function columns(): Column<Row>[] {
  return [
    { key: "metric", title: t("metric"), cell: ({ definition }) => <a href={link(["metrics", definition.id])}>{titleOf(definition)}</a>, value: ({ definition }) => titleOf(definition) },
    { key: "category", title: t("category"), cell: ({ definition }) => <span class="faint">{said(definition.category)}</span>, value: ({ definition }) => said(definition.category) },
    { key: "value", title: t("value"), cell: ({ latest, definition }) => (latest ? <b>{measured(latest.value, valueUnit(latest))}</b> : isOfAccounts(definition) ? <a href={link(["metrics", definition.id])}>{t("accounts")}</a> : "–"), value: ({ latest }) => latest?.value, numeric: true },
    {
      key: "interval",
      title: t("interval"),
      cell: ({ latest }) => <span class="faint">{latest?.interval ? `${number(latest.interval.low)} – ${number(latest.interval.high)}` : ""}</span>,
      numeric: true,
    },
    { key: "n", title: "n", cell: ({ latest }) => <span class="faint">{number(latest?.n)}</span>, value: ({ latest }) => latest?.n, numeric: true },
    { key: "month", title: t("month"), cell: ({ latest }) => <Delta value={change(latest)} direction={latest?.direction} />, value: ({ latest }) => change(latest), numeric: true },
    {
      key: "trend",
      title: t("trend"),
      cell: ({ definition, latest }) => <Sparkline days={latest?.series.days ?? []} values={latest?.series.values ?? []} label={t("trendOf", { metric: titleOf(definition) })} />,
    },
    { key: "subjects", title: t("subjects"), cell: ({ definition }) => <span class="faint">{measuredFor(definition)}</span>, value: ({ definition }) => measuredFor(definition) },
    { key: "age", title: t("age"), cell: ({ latest }) => <span class="faint">{latest ? t("days", { count: latest.ageDays }) : ""}</span>, value: ({ latest }) => latest?.ageDays, numeric: true },
  ];
}

const isOfAccounts = ({ subjects }: Definition): boolean => subjects.includes("ACCOUNT") && !subjects.includes("TENANT");

const measuredFor = ({ subjects }: Definition): string => subjects.map(said).join(", ");

function change(latest: Row["latest"]): number | null {
  if (!latest || latest.value === null) return null;
  const { days, values } = latest.series;
  const at = days.findLastIndex((one, index) => one <= shiftDay(latest.day, -30) && values[index] !== null);
  return at < 0 ? null : latest.value - values[at]!;
}
