/** A table as a file that spreadsheets open: UTF-8 with its mark, fields quoted by RFC 4180. */
export function saveCsv(name: string, header: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const lines = [header, ...rows].map((row) => row.map(quoted).join(","));
  saveFile(`${name}.csv`, "text/csv", ["\ufeff", lines.join("\r\n"), "\r\n"]);
}

/** Texts below each other as a file of the reader's. */
export function saveFile(name: string, type: string, texts: string[]): void {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(new Blob(texts, { type: `${type};charset=utf-8` }));
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

export type Cell = string | number | null | undefined;

function quoted(cell: Cell): string {
  const text = cell == null ? "" : String(cell);
  // A spreadsheet takes texts that begin so for formulas.
  const safe = typeof cell === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
