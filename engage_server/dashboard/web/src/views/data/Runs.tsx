import { RunsDocument, type RunsQuery } from "../../api/documents";
import { useTile } from "../../api/tile";
import { DataTable } from "../../components/DataTable";
import { Tile } from "../../components/Tile";
import { Told } from "../../components/Told";
import { place, setQuery } from "../../shell/router";
import { day, moment, number } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";

const t = words({
  title: ["Runs", "실행"],
  empty: ["No run of this kind. Runs begin by schedule once a plugin is switched on.", "해당하는 실행이 없습니다. 플러그인을 켜면 일정에 따라 실행됩니다."],
  all: ["All", "전체"],
  failed: ["Failures", "실패"],
  restated: ["Restatements", "정정"],
  plugin: ["Plugin", "플러그인"],
  day: ["Day", "날짜"],
  state: ["State", "상태"],
  reason: ["Why once more", "재실행 이유"],
  finished: ["Finished", "완료"],
  took: ["Took", "소요"],
  seconds: ["{count} s", "{count}초"],
  values: ["Values", "값"],
  attempt: ["Attempt", "시도"],
  error: ["Error", "오류"],
});
type Run = RunsQuery["runs"]["edges"][number]["node"];
const FAILED = ["FAILED", "QUARANTINED"] as const;
const TONES: Record<string, string> = { SUCCEEDED: "good", FAILED: "bad", QUARANTINED: "bad", RUNNING: "warn" };

/** What was computed, what failed, and what was computed once more. */
export function Runs() {
  const show = place.value.query.get("show") ?? "all";
  const runs = useTile(RunsDocument, { states: show === "failed" ? [...FAILED] : null, restates: show === "restated" ? true : null });
  return (
    <Tile
      title={t("title")}
      state={runs}
      empty={t("empty")}
      isEmpty={(data) => !data.runs.edges.length}
      actions={(["all", "failed", "restated"] as const).map((one) => (
        <button key={one} type="button" class="quiet" aria-pressed={show === one} onClick={() => setQuery({ show: one })}>{t(one)}</button>
      ))}
    >
      {(data) => (
        <DataTable<Run>
          name="runs"
          caption={t("title")}
          rows={data.runs.edges.map(({ node }) => node)}
          rowKey={(one) => one.id}
          columns={[
            { key: "plugin", title: t("plugin"), cell: (one) => one.plugin, value: (one) => one.plugin },
            { key: "day", title: t("day"), cell: (one) => day(one.on), value: (one) => one.on, numeric: true },
            { key: "state", title: t("state"), cell: (one) => <span class={TONES[one.state] ?? "faint"}>{said(one.state)}</span>, value: (one) => one.state },
            { key: "finished", title: t("finished"), cell: (one) => <span class="faint">{moment(one.finishedAt)}</span>, value: (one) => one.finishedAt, numeric: true, first: "desc" },
            { key: "took", title: t("took"), cell: (one) => took(one) === null ? "" : t("seconds", { count: number(took(one), 1) }), value: took, numeric: true, first: "desc" },
            { key: "values", title: t("values"), cell: (one) => number(one.valuesWritten), value: (one) => one.valuesWritten, numeric: true, first: "desc" },
            { key: "attempt", title: t("attempt"), cell: (one) => number(one.attempt), value: (one) => one.attempt, numeric: true },
            { key: "reason", title: t("reason"), cell: (one) => <Told class="words" text={one.reason} />, value: (one) => one.reason },
            { key: "error", title: t("error"), cell: (one) => <Told class="words bad" text={one.error} />, value: (one) => one.error },
          ]}
        />
      )}
    </Tile>
  );
}

const took = ({ startedAt, finishedAt }: Run): number | null => (startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : null);
