import { useState } from "preact/hooks";
import { CohortsDocument } from "../../api/documents";
import { titleOf, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { saveCsv } from "../../components/csv";
import { NeedsPlugin } from "../../components/NeedsPlugin";
import { Tile } from "../../components/Tile";
import { link, place, setQuery } from "../../shell/router";
import { day, number, share } from "../../words/format";
import { words } from "../../words/words";
import { Members } from "./Members";
import { type Cell, cellsOf, meanOf, offsetsOf, type Row, rowsOf } from "./cells";

const t = words({
  title: ["Cohorts", "코호트"],
  empty: ["No cohort is a whole period old yet. Once persons are, their return is shown here.", "아직 한 기간을 지난 코호트가 없습니다."],
  metric: ["Metric", "지표"],
  cohort: ["Cohort", "코호트"],
  size: ["n", "n"],
  choose: ["Cohort of {cohort} counts in the mean", "{cohort} 코호트를 평균에 포함"],
  mean: ["Weighted mean", "가중 평균"],
  of: ["of {count} cohort{count|s}", "코호트 {count}개"],
  hatched: ["Hatched: the period is not over for everybody in the cohort; the share is of those for whom it is.", "빗금: 코호트 전원이 아직 기간을 지나지 않았으며, 지난 사람만의 비율입니다."],
  opened: ["Cohort of {cohort}, {unit} {offset}", "{cohort} 코호트, {offset} {unit}"],
  retained: ["Came back", "복귀"],
  eligible: ["Old enough to tell", "기간 경과"],
  all: ["In the cohort", "코호트 전체"],
  interval: ["Interval", "구간"],
  complete: ["Complete", "완료"],
  yes: ["yes", "예"],
  no: ["not yet", "아직"],
  card: ["How it is calculated", "계산 방식"],
  day: ["day", "일"],
  week: ["week", "주"],
  month: ["month", "개월"],
  bracket: ["period", "기간"],
  csv: ["CSV", "CSV"],
});

/** Retention by cohort: number and n in each cell, hatched where the period is not over for everybody. */
export function Cohorts() {
  const session = useSession();
  const choices = session.data?.metrics.filter((one) => one.plugin === "retention") ?? [];
  const wanted = place.value.query.get("metric");
  const metric = choices.find((one) => one.id === wanted) ?? choices.find((one) => one.id === "retention.cohorts") ?? choices[0];
  const cohorts = useTile(CohortsDocument, metric ? { metric: metric.id } : null);
  if (session.data && !metric) return <><h1>{t("title")}</h1><NeedsPlugin plugin="retention" /></>;
  return (
    <Tile
      title={t("title")}
      level={1}
      state={metric ? cohorts : { ...session, data: null }}
      empty={t("empty")}
      isEmpty={(data) => !cellsOf(data.metric.at?.details).length}
      actions={
        <label class="pick">
          <span class="sr">{t("metric")}</span>
          <select value={metric?.id} onChange={(event) => setQuery({ metric: event.currentTarget.value })}>
            {choices.map((one) => <option key={one.id} value={one.id}>{titleOf(one)}</option>)}
          </select>
        </label>
      }
    >
      {(data) => {
        const at = data.metric.at!;
        const details = at.details as { period_unit?: string };
        return <Table key={metric!.id} metric={metric!.id} name={titleOf(metric!)} unit={details.period_unit ?? "bracket"} cells={cellsOf(details)} on={at.day} />;
      }}
    </Tile>
  );
}

interface TableProps {
  metric: string;
  name: string;
  unit: string;
  cells: readonly Cell[];
  on: string;
}

function Table({ metric, name, unit, cells, on }: TableProps) {
  const rows = rowsOf(cells);
  const offsets = offsetsOf(cells);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set()); // out of the mean
  const [opened, setOpened] = useState<Cell | null>(null);
  const chosen = rows.filter((row) => !left.has(row.cohort));
  const unitWord = /^(day|week|month)$/.test(unit) ? t(unit as "day") : t("bracket");
  const toggle = (cohort: string) => {
    const next = new Set(left);
    if (!next.delete(cohort)) next.add(cohort);
    setLeft(next);
  };
  const csv = () => saveCsv("cohorts", [t("cohort"), t("size"), ...offsets.map((one) => `${unitWord} ${one}`)], rows.map((row) => [row.cohort, row.size, ...offsets.map((one) => row.cells.get(one)?.share)]));
  return (
    <>
      <div class="table-tools">
        <span class="faint">{t("hatched")}</span>
        <span class="faint count">{day(on)}</span>
        <a class="quiet" href={link(["metrics", metric])}>{t("card")}</a>
        <button type="button" class="quiet" onClick={csv}>{t("csv")}</button>
      </div>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={name}>
        <table class="data cohorts">
          <caption class="sr">{name}</caption>
          <thead>
            <tr>
              <th scope="col">{t("cohort")}</th>
              <th scope="col" class="num">{t("size")}</th>
              {offsets.map((one) => <th key={one} scope="col" class="num">{unitWord} {one}</th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => <CohortRow key={row.cohort} row={row} offsets={offsets} isChosen={!left.has(row.cohort)} toggle={toggle} open={setOpened} opened={opened} />)}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t("mean")} <span class="faint">{t("of", { count: chosen.length })}</span></th>
              <td class="num">{number(chosen.reduce((sum, row) => sum + row.size, 0))}</td>
              {offsets.map((one) => {
                const mean = meanOf(chosen, one);
                return <td key={one} class="num"><b>{share(mean.share)}</b> <span class="faint">{number(mean.eligible)}</span></td>;
              })}
            </tr>
          </tfoot>
        </table>
      </div>
      {opened && <Opened cell={opened} unit={unitWord} />}
      {opened && <Members key={`${opened.cohort} ${opened.offset}`} metric={metric} on={on} cell={opened} />}
    </>
  );
}

interface RowProps {
  row: Row;
  offsets: readonly number[];
  isChosen: boolean;
  toggle: (cohort: string) => void;
  open: (cell: Cell) => void;
  opened: Cell | null;
}

function CohortRow({ row, offsets, isChosen, toggle, open, opened }: RowProps) {
  return (
    <tr class={isChosen ? undefined : "left-out"}>
      <th scope="row">
        <label>
          <input type="checkbox" checked={isChosen} aria-label={t("choose", { cohort: day(row.cohort) })} onChange={() => toggle(row.cohort)} /> {day(row.cohort)}
        </label>
      </th>
      <td class="num">{number(row.size)}</td>
      {offsets.map((one) => {
        const cell = row.cells.get(one);
        if (!cell || cell.share === null) return <td key={one} class="num faint">–</td>;
        return (
          <td key={one} class={`num cell heat-${Math.round(cell.share * 10)} ${cell.complete ? "" : "hatched"}`}>
            <button type="button" aria-pressed={cell === opened} onClick={() => open(cell)}>
              {share(cell.share)} <span class="n">{number(cell.eligible)}</span>
            </button>
          </td>
        );
      })}
    </tr>
  );
}

function Opened({ cell, unit }: { cell: Cell; unit: string }) {
  return (
    <section class="note" aria-live="polite">
      <h2>{t("opened", { cohort: day(cell.cohort), unit, offset: cell.offset })}</h2>
      <dl class="facts">
        <dt>{t("retained")}</dt><dd>{number(cell.retained)} ({share(cell.share)})</dd>
        <dt>{t("interval")}</dt><dd>{share(cell.low)} – {share(cell.high)}</dd>
        <dt>{t("eligible")}</dt><dd>{number(cell.eligible)}</dd>
        <dt>{t("all")}</dt><dd>{number(cell.size)}</dd>
        <dt>{t("complete")}</dt><dd>{cell.complete ? t("yes") : t("no")}</dd>
      </dl>
    </section>
  );
}
