import { signed } from "../words/format";

/** A change with its sign and an arrow; its colour says whether it is for the better, by the metric's direction. */
export function Delta({ value, direction = "UP" }: { value: number | null; direction?: string | undefined }) {
  if (value === null) return <span class="faint">–</span>;
  if (Math.abs(value) < 0.05) return <span class="faint">0</span>;
  const good = direction === "VARIES" || direction === "TARGET" ? "" : value > 0 === (direction === "UP") ? "good" : "bad";
  return (
    <span class={`delta ${good}`}>
      <i aria-hidden="true">{value > 0 ? "▴" : "▾"}</i>
      {signed(value, Math.abs(value) < 100 ? 1 : 0)}
    </span>
  );
}
