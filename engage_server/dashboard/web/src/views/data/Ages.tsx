import { AgesDocument, type AgesQuery } from "../../api/documents";
import { titleOf, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { DataTable } from "../../components/DataTable";
import { Tile } from "../../components/Tile";
import { link } from "../../shell/router";
import { ago, day } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  title: ["Schedules and ages", "일정과 최신성"],
  empty: ["No metric is measured yet.", "측정되는 지표가 없습니다."],
  metric: ["Metric", "지표"],
  schedule: ["Schedule", "일정"],
  day: ["Newest day", "최신 날짜"],
  computed: ["Computed", "계산"],
  data: ["Data as of", "데이터 기준"],
  age: ["Age", "경과"],
  days: ["{count} d", "{count}일"],
});
type Age = AgesQuery["metrics"][number];

/** When each metric is computed, and how old its newest value is. */
export function Ages() {
  const session = useSession().data;
  const ages = useTile(AgesDocument, {});
  const name = (one: Age) => {
    const found = session?.metrics.find(({ id }) => id === one.id);
    return found ? titleOf(found) : one.id;
  };
  return (
    <Tile title={t("title")} state={ages} empty={t("empty")} isEmpty={(data) => !data.metrics.length}>
      {(data) => (
        <DataTable<Age>
          name="ages"
          caption={t("title")}
          rows={data.metrics}
          rowKey={(one) => one.id}
          columns={[
            { key: "metric", title: t("metric"), cell: (one) => <a href={link(["metrics", one.id])}>{name(one)}</a>, value: name },
            { key: "schedule", title: t("schedule"), cell: (one) => <code>{one.schedule}</code>, value: (one) => one.schedule },
            { key: "day", title: t("day"), cell: (one) => day(one.latest?.day), value: (one) => one.latest?.day, numeric: true, first: "desc" },
            { key: "computed", title: t("computed"), cell: (one) => <span class="faint">{ago(one.latest?.computedAt)}</span>, value: (one) => one.latest?.computedAt, numeric: true },
            { key: "data", title: t("data"), cell: (one) => <span class="faint">{ago(one.latest?.dataAsOf)}</span>, value: (one) => one.latest?.dataAsOf, numeric: true },
            { key: "age", title: t("age"), cell: (one) => one.latest && <span class={one.latest.ageDays > 2 ? "warn" : "faint"}>{t("days", { count: one.latest.ageDays })}</span>, value: (one) => one.latest?.ageDays, numeric: true, first: "desc" },
          ]}
        />
      )}
    </Tile>
  );
}
