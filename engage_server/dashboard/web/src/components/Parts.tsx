import { local } from "../api/session";
import { number, share } from "../words/format";
import { words } from "../words/words";

const t = words({
  part: ["Part", "요소"],
  value: ["Value", "값"],
  weight: ["Weight", "가중치"],
  points: ["Points", "점수"],
  n: ["n", "n"],
  note: ["Note", "비고"],
});

export interface Part {
  key: string;
  label: string;
  value: number | null;
  points: number | null;
  weight: number | null;
  n?: number | null;
  note?: string;
}

/** What a value is made of: each part's own value, what it weighs, and what it adds. */
export function Parts({ name, parts }: { name: string; parts: readonly Part[] }) {
  const isWeighted = parts.some((part) => part.weight !== null);
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={name}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{t("part")}</th>
            <th scope="col" class="num">{t("value")}</th>
            {isWeighted && <th scope="col" class="num">{t("weight")}</th>}
            <th scope="col" class="num">{t("points")}</th>
            <th scope="col" class="num">{t("n")}</th>
            <th scope="col">{t("note")}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.key}>
              <th scope="row">{local(part.label)}</th>
              <td class="num">{number(part.value)}</td>
              {isWeighted && <td class="num">{share(part.weight)}</td>}
              <td class="num">{number(part.points, 1)}</td>
              <td class="num">{number(part.n)}</td>
              <td class="faint">{part.note && local(part.note)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
