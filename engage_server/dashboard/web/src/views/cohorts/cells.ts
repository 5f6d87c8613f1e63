/** The cells of a retention metric's details as a table, and the weighted mean of rows that are chosen. */
export interface Cell {
  cohort: string;
  offset: number;
  size: number;
  /** How many of the cohort have lived through the whole period. */
  eligible: number;
  retained: number;
  share: number | null;
  low: number | null;
  high: number | null;
  complete: boolean;
}

export interface Row {
  cohort: string;
  size: number;
  cells: ReadonlyMap<number, Cell>;
}

export interface Mean {
  retained: number;
  eligible: number;
  share: number | null;
}

export function cellsOf(details: unknown): Cell[] {
  const cells = (details as { cells?: unknown } | null)?.cells;
  return Array.isArray(cells) ? (cells as Cell[]) : [];
}

export function rowsOf(cells: readonly Cell[]): Row[] {
  const cohorts = [...new Set(cells.map((cell) => cell.cohort))].sort();
  return cohorts.map((cohort) => {
    const own = cells.filter((cell) => cell.cohort === cohort);
    return { cohort, size: own[0]!.size, cells: new Map(own.map((cell) => [cell.offset, cell])) };
  });
}

export const offsetsOf = (cells: readonly Cell[]): number[] => [...new Set(cells.map((cell) => cell.offset))].sort((one, other) => one - other);

/** Of all members of the rows who lived through the period, how many came back: each weighs the same, so large cohorts weigh more. */
export function meanOf(rows: readonly Row[], offset: number): Mean {
  const cells = rows.map((row) => row.cells.get(offset)).filter((cell) => cell !== undefined);
  const retained = cells.reduce((sum, cell) => sum + cell.retained, 0);
  const eligible = cells.reduce((sum, cell) => sum + cell.eligible, 0);
  return { retained, eligible, share: eligible ? retained / eligible : null };
}
