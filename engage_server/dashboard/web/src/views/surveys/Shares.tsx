import { Figure } from "../../components/Figure";
import { number, share } from "../../words/format";
import { words } from "../../words/words";

const t = words({
  promoters: ["Promoters", "추천"],
  passives: ["Passives", "중립"],
  detractors: ["Detractors", "비추천"],
  what: ["Answer", "응답"],
  count: ["Count", "건수"],
  share: ["Share", "비율"],
});

export interface Share {
  key: string;
  label: string;
  count: number;
  tone: "good" | "warn" | "bad" | "none";
}

/** The answers that a value rests on, by what its details tell: three groups, or each step of the scale. */
export function sharesOf(details: unknown): Share[] {
  const given = details as Record<string, unknown>;
  if (typeof given.detractors === "number") {
    const group = (key: "promoters" | "passives" | "detractors", tone: Share["tone"]) => ({ key, label: t(key), count: Number(given[key] ?? 0), tone });
    return [group("detractors", "bad"), group("passives", "warn"), group("promoters", "good")];
  }
  const steps = given.distribution ?? (given.instruments as { distribution?: unknown }[] | undefined)?.[0]?.distribution;
  if (!Array.isArray(steps)) return [];
  return (steps as { score: number; count: number }[]).map(({ score, count }) => ({ key: String(score), label: String(score), count, tone: "none" as const }));
}

/** Shares of a whole in one bar, each with its label, count and share beneath. */
export function Shares({ name, shares }: { name: string; shares: readonly Share[] }) {
  const whole = shares.reduce((sum, one) => sum + one.count, 0);
  if (!whole) return null;
  let x = 0;
  return (
    <Figure name={name} table={{ header: [t("what"), t("count"), t("share")], rows: shares.map((one) => [one.label, one.count, one.count / whole]), show: (cell, column) => (column === 2 ? share(Number(cell)) : column ? number(Number(cell)) : String(cell)) }}>
      <svg class="shares" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={shares.map((one) => `${one.label} ${share(one.count / whole)}`).join(", ")}>
        {shares.map((one, index) => {
          const width = (100 * one.count) / whole;
          const at = x;
          x += width;
          return <rect key={one.key} class={`tone-${one.tone} step-${index}`} x={at} width={Math.max(width - 0.25, 0)} height="6" />;
        })}
      </svg>
      <ul class="legend">
        {shares.map((one, index) => (
          <li key={one.key}><i class={`swatch tone-${one.tone} step-${index}`} aria-hidden="true" /> {one.label} <b>{share(one.count / whole)}</b> <span class="faint">{number(one.count)}</span></li>
        ))}
      </ul>
    </Figure>
  );
}
