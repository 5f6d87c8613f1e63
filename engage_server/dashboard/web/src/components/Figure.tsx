import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { words } from "../words/words";
import { type Cell, saveCsv } from "./csv";

const t = words({
  table: ["As table", "표로 보기"],
  chart: ["As chart", "차트로 보기"],
  tableOf: ["Table: {name}", "표: {name}"],
  csv: ["CSV", "CSV"],
  saveAs: ["Save as CSV", "CSV로 저장"],
});

/** What a chart draws, as a table: a header, and rows of the same length. */
export interface Table {
  header: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** How cells are written for people; as they are where it is left out. */
  show?: (cell: Cell, column: number) => string;
}

interface Props {
  /** Of the file, and for readers of screens. */
  name: string;
  table: Table;
  /** What stands above the chart, at its left. */
  head?: ComponentChildren;
  children: ComponentChildren;
}

/** A chart that can be read as a table and saved as CSV. */
export function Figure({ name, table, head, children }: Props) {
  const [asTable, setAsTable] = useState(false);
  return (
    <figure class="figure" aria-label={name}>
      <div class="figure-tools">
        <div class="figure-head">{head}</div>
        <button type="button" class="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>{t(asTable ? "chart" : "table")}</button>
        <button type="button" class="quiet" title={t("saveAs")} onClick={() => saveCsv(name, table.header, table.rows)}>{t("csv")}</button>
      </div>
      {asTable ? <Plain name={name} table={table} /> : children}
    </figure>
  );
}

function Plain({ name, table: { header, rows, show = (cell) => String(cell ?? "") } }: { name: string; table: Table }) {
  return (
    <div class="table-scroll tall" tabIndex={0} role="region" aria-label={t("tableOf", { name })}>
      <table class="data">
        <thead>
          <tr>{header.map((title, index) => <th key={title} scope="col" class={index ? "num" : undefined}>{title}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>{row.map((cell, index) => <td key={index} class={index ? "num" : undefined}>{show(cell, index)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
