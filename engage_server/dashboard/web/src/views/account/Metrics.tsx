import type { SessionQuery } from "../../api/documents";
import { titleOf, valueUnit } from "../../api/session";
import { Band, bandOf } from "../../components/Band";
import { type Column, DataTable } from "../../components/DataTable";
import { Sparkline } from "../../components/Sparkline";
import { link } from "../../shell/router";
import { measured, number } from "../../words/format";
import { words } from "../../words/words";
import type { AccountNode } from "./Facts";

type Value = AccountNode["metrics"][number];

const t = words({
  metric: ["Metric", "지표"],
  value: ["Value", "값"],
  interval: ["Interval", "구간"],
  n: ["n", "n"],
  trend: ["90 days", "90일"],
  trendOf: ["{metric} in 90 days", "최근 90일 {metric}"],
  why: ["why", "이유"],
  change: ["Why", "이유"],
});

export function Metrics({ id, metrics, session }: { id: string; metrics: readonly Value[]; session: SessionQuery }) {
  const titles = new Map(session.metrics.map((one) => [one.id, titleOf(one)]));
  const name = (one: Value) => titles.get(one.metric) ?? one.metric;
  const columns: Column<Value>[] = [
    { key: "metric", title: t("metric"), cell: (one) => <><a href={link(["accounts", id], { metric: one.metric })}>{name(one)}</a> <Band band={bandOf(one.details)} /></>, value: name },
    { key: "value", title: t("value"), cell: (one) => measured(one.value, valueUnit(one)), value: (one) => one.value, numeric: true },
    {
      key: "interval",
      title: t("interval"),
      cell: ({ interval }) => <span class="faint">{interval ? `${number(interval.low)} – ${number(interval.high)}` : ""}</span>,
      numeric: true,
    },
    { key: "n", title: t("n"), cell: (one) => <span class="faint">{number(one.n)}</span>, value: (one) => one.n, numeric: true },
    { key: "trend", title: t("trend"), cell: (one) => <Sparkline {...one.sparkline} label={t("trendOf", { metric: name(one) })} /> },
    { key: "why", title: t("change"), cell: (one) => <a href={link(["accounts", id, "why"], { metric: one.metric })} aria-label={`${t("why")}: ${name(one)}`}>{t("why")}</a> },
  ];
  return <DataTable name="metrics" caption={t("metric")} columns={columns} rows={metrics.filter((one) => one.value !== null)} rowKey={(one) => one.metric} />;
}
