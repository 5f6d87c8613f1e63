import { MetricGroupsDocument, type MetricGroupsQuery } from "../../api/documents";
import { valueUnit } from "../../api/session";
import { useTile } from "../../api/tile";
import { type Column, DataTable } from "../../components/DataTable";
import { Tile } from "../../components/Tile";
import { place, setQuery } from "../../shell/router";
import { measured, number, signed } from "../../words/format";
import { words } from "../../words/words";

type Group = MetricGroupsQuery["metric"]["compareGroups"][number];

const t = words({
  title: ["By group", "그룹별"],
  empty: ["No account belongs to a group of this kind.", "이 기준의 그룹에 속한 고객이 없습니다."],
  by: ["Groups", "그룹 기준"],
  plan: ["Plan", "요금제"],
  stage: ["Stage", "단계"],
  owner: ["Owner", "담당자"],
  group: ["Group", "그룹"],
  value: ["Value", "값"],
  interval: ["Interval", "구간"],
  difference: ["Against others", "타 그룹 대비"],
  state: ["Says", "판정"],
  none: ["(none)", "(없음)"],
  AT_RISK: ["at risk", "위험"],
  THRIVING: ["thriving", "양호"],
  LIKE_OTHERS: ["like others", "유사"],
  APART: ["apart", "차이 있음"],
  UNTESTED: ["too few to tell", "표본 부족"],
});
const DIMENSIONS = ["plan", "stage", "owner"] as const;

/** The tenant's value for each group of a dimension, against all others together; corrected for how many there are. */
export function Groups({ id }: { id: string }) {
  const by = place.value.query.get("by") ?? DIMENSIONS[0];
  const groups = useTile(MetricGroupsDocument, { id, by });
  return (
    <Tile
      title={t("title")}
      state={groups}
      isEmpty={(data) => !data.metric.compareGroups.length}
      empty={t("empty")}
      actions={
        <label class="pick">
          <span class="sr">{t("by")}</span>
          <select value={by} onChange={(event) => setQuery({ by: event.currentTarget.value })}>
            {DIMENSIONS.map((one) => <option key={one} value={one}>{t(one)}</option>)}
          </select>
        </label>
      }
    >
      {(data) => <DataTable name="groups" caption={t("title")} columns={columns()} rows={data.metric.compareGroups} rowKey={(one) => one.group} />}
    </Tile>
  );
}

function columns(): Column<Group>[] {
  return [
    { key: "group", title: t("group"), cell: (one) => one.group || t("none"), value: (one) => one.group },
    { key: "value", title: t("value"), cell: ({ value }) => <b>{measured(value.value, valueUnit(value))}</b>, value: ({ value }) => value.value, numeric: true },
    {
      key: "interval",
      title: t("interval"),
      cell: ({ value }) => <span class="faint">{value.interval ? `${number(value.interval.low)} – ${number(value.interval.high)}` : ""}</span>,
      numeric: true,
    },
    { key: "n", title: "n", cell: ({ value }) => <span class="faint">{number(value.n)}</span>, value: ({ value }) => value.n, numeric: true },
    { key: "difference", title: t("difference"), cell: (one) => signed(one.difference), value: (one) => one.difference, numeric: true },
    { key: "state", title: t("state"), cell: (one) => <span class={one.state === "AT_RISK" ? "bad" : one.state === "THRIVING" ? "good" : "faint"}>{t(one.state)}</span>, value: (one) => one.state },
  ];
}
