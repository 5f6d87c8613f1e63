import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { place, setQuery } from "../shell/router";
import { words } from "../words/words";
import { type Cell, saveCsv } from "./csv";

const t = words({
  columns: ["Columns", "열"],
  csv: ["CSV", "CSV"],
  saveAs: ["Save the table as CSV", "표를 CSV로 저장"],
  tableOf: ["Table: {caption}", "표: {caption}"],
  rows: ["{count} row{count|s}", "{count}행"],
});
const AT_ONCE = 60; // rows drawn before one scrolls, so that no table holds the page up
const THEN = 40; // rows that follow, as often as the end of the table comes near

export interface Column<R> {
  key: string;
  title: string;
  /** What is seen. */
  cell: (row: R) => ComponentChildren;
  /** What the column is sorted by, and what a CSV holds; null comes last. Without it neither. */
  value?: (row: R) => Cell;
  numeric?: boolean;
  /** Shown only where one chooses it. */
  hidden?: boolean;
  /** Best first when one sorts by it: the largest, or the smallest. */
  first?: "asc" | "desc";
  hint?: string;
}

interface Props<R> {
  /** Names the table in the address, for readers of screens and as a file. */
  name: string;
  caption: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string;
  /** Column and direction where the address names none, such as `value.desc`. */
  order?: string;
  /** Where a row leads; its first cell holds the link. */
  tools?: ComponentChildren;
  /** Rows drawn in the first step, where a table is waited for: the others that fill the screen follow in a step of their own. */
  atOnce?: number;
  footer?: ComponentChildren;
}

/** One compact table: order and columns live in the address, rows are walked by arrow keys, all of it saves as CSV. */
export function DataTable<R>({ name, caption, columns, rows, rowKey, order = "", tools, atOnce = AT_ONCE, footer }: Props<R>) {
  const query = place.value.query;
  const [by, direction] = (query.get(`${name}.order`) ?? order).split(/\.(?=(?:asc|desc)$)/);
  const chosen = query.get(`${name}.columns`)?.split(",");
  const shown = columns.filter((column) => (chosen ? chosen.includes(column.key) : !column.hidden));
  const column = columns.find((one) => one.key === by);
  const sorted = column?.value ? sortedBy(rows, column.value, direction === "desc") : rows;
  const [count, setCount] = useState(atOnce);
  const visible = sorted.slice(0, count);
  // A row is drawn once, however often others are added to it: anew where the view gives other rows or columns.
  const drawn = useMemo(() => new Map<R, ComponentChildren>(), [columns, shown.map((one) => one.key).join()]);
  const draw = (row: R) => {
    const now = (
      <tr key={rowKey(row)}>
        {shown.map((one, index) =>
          index ? (
            <td key={one.key} class={one.numeric ? "num" : undefined}>{one.cell(row)}</td>
          ) : (
            <th key={one.key} scope="row">{one.cell(row)}</th>
          ),
        )}
      </tr>
    );
    drawn.set(row, now);
    return now;
  };
  const save = () => {
    const told = shown.filter((one) => one.value);
    saveCsv(name, told.map((one) => one.title), sorted.map((row) => told.map((one) => one.value!(row))));
  };
  return (
    <div class="table-frame">
      <div class="table-tools">
        {tools}
        <span class="faint count">{t("rows", { count: rows.length })}</span>
        {columns.length > 3 && <Chooser name={name} columns={columns} shown={shown} />}
        <button type="button" class="quiet" onClick={save} title={t("saveAs")}>{t("csv")}</button>
      </div>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={t("tableOf", { caption })}>
        <table class="data" onKeyDown={walk}>
          <caption class="sr">{caption}</caption>
          <thead>
            <tr>
              {shown.map((one) => (
                <Heading key={one.key} name={name} column={one} direction={one.key === by ? direction : undefined} />
              ))}
            </tr>
          </thead>
          <tbody>
            {visible.map((row) => drawn.get(row) ?? draw(row))}
          </tbody>
          {footer}
        </table>
        {count < sorted.length && <More grow={() => setCount((now) => now + THEN)} />}
      </div>
    </div>
  );
}

function Heading<R>({ name, column, direction }: { name: string; column: Column<R>; direction: string | undefined }) {
  const classes = column.numeric ? "num" : undefined;
  if (!column.value) return <th scope="col" class={classes} title={column.hint}>{column.title}</th>;
  const next = direction ? (direction === "asc" ? "desc" : "asc") : (column.first ?? "asc");
  return (
    <th scope="col" class={classes} title={column.hint} aria-sort={direction ? (direction === "asc" ? "ascending" : "descending") : "none"}>
      <button type="button" onClick={() => setQuery({ [`${name}.order`]: `${column.key}.${next}` })}>
        {column.title}
        <span class="arrow" aria-hidden="true">{direction === "asc" ? "↑" : direction === "desc" ? "↓" : ""}</span>
      </button>
    </th>
  );
}

function Chooser<R>({ name, columns, shown }: { name: string; columns: readonly Column<R>[]; shown: readonly Column<R>[] }) {
  const toggle = (key: string, on: boolean) => {
    const keys = columns.filter((one) => (one.key === key ? on : shown.includes(one))).map((one) => one.key);
    setQuery({ [`${name}.columns`]: keys.join(",") });
  };
  return (
    <details class="menu">
      <summary>{t("columns")}</summary>
      <div class="menu-body">
        {columns.slice(1).map((one) => (
          <label key={one.key}>
            <input type="checkbox" checked={shown.includes(one)} onChange={(event) => toggle(one.key, event.currentTarget.checked)} />
            {one.title}
          </label>
        ))}
      </div>
    </details>
  );
}

function More({ grow }: { grow: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && grow(), {
      rootMargin: "600px",
    });
    seen.observe(end.current!);
    return () => seen.disconnect();
  });
  return <div ref={end} class="more" />;
}

/** Arrow keys move between the links of the rows; Enter follows one, as links do. */
function walk(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" || event.key === "j" ? 1 : event.key === "ArrowUp" || event.key === "k" ? -1 : 0;
  if (!step || !(event.target instanceof HTMLAnchorElement)) return;
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLAnchorElement>("tbody th a")];
  const next = links[links.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function sortedBy<R>(rows: readonly R[], value: (row: R) => Cell, down: boolean): R[] {
  const way = down ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a == null || b == null) return a == null ? (b == null ? 0 : 1) : -1;
    if (typeof a === "number" && typeof b === "number") return way * (a - b);
    return way * String(a).localeCompare(String(b));
  });
}
