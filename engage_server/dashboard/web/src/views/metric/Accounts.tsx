import { MetricAccountsDocument, type MetricAccountsQuery } from "../../api/documents";
import { valueUnit } from "../../api/session";
import { useTile } from "../../api/tile";
import { Band, bandOf } from "../../components/Band";
import { type Column, DataTable } from "../../components/DataTable";
import { Tile } from "../../components/Tile";
import { link } from "../../shell/router";
import { measured, number } from "../../words/format";
import { words } from "../../words/words";

type Node = MetricAccountsQuery["accounts"]["edges"][number]["node"];

const t = words({
  title: ["Accounts to look at first", "먼저 볼 고객"],
  empty: ["No account has a value yet. Values come with the next day that is computed.", "아직 값이 있는 고객이 없습니다. 다음 계산일에 표시됩니다."],
  account: ["Account", "고객"],
  value: ["Value", "값"],
  band: ["Band", "상태"],
  plan: ["Plan", "요금제"],
});

/** The accounts that stand worst by a metric. */
export function Accounts({ id }: { id: string }) {
  const accounts = useTile(MetricAccountsDocument, { id });
  const columns: Column<Node>[] = [
    { key: "account", title: t("account"), cell: (one) => <a href={link(["accounts", one.externalId], { metric: id })}>{one.name || one.externalId}</a>, value: (one) => one.name },
    { key: "value", title: t("value"), cell: ({ metric }) => <b>{metric ? measured(metric.value, valueUnit(metric)) : "–"}</b>, value: ({ metric }) => metric?.value, numeric: true },
    { key: "band", title: t("band"), cell: ({ metric }) => <Band band={metric ? bandOf(metric.details) : null} />, value: ({ metric }) => bandOf(metric?.details) },
    { key: "n", title: "n", cell: ({ metric }) => <span class="faint">{number(metric?.n)}</span>, value: ({ metric }) => metric?.n, numeric: true },
    { key: "plan", title: t("plan"), cell: (one) => one.plan, value: (one) => one.plan },
  ];
  return (
    <Tile title={t("title")} state={accounts} isEmpty={(data) => !rows(data).length} empty={t("empty")}>
      {(data) => <DataTable name="accounts" caption={t("title")} columns={columns} rows={rows(data)} rowKey={(one) => one.externalId} />}
    </Tile>
  );
}

const rows = (data: MetricAccountsQuery): Node[] => data.accounts.edges.map(({ node }) => node).filter((one) => one.metric);
