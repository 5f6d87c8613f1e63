import { Figure } from "../../components/Figure";
import { number, share } from "../../words/format";
import { words } from "../../words/words";

const t = words({ feature: ["Feature", "기능"], all: ["All", "전체"], none: ["none", "없음"] });

export interface FeatureShare {
  name: string;
  users: number;
  share: number | null;
}

interface Group {
  name: string;
  n: number;
  shares: readonly FeatureShare[];
}

/** Features by groups of customers, as a table whose cells are the darker the more of the group use the feature. */
export function Features({ name, all, groups }: { name: string; all: readonly FeatureShare[]; groups: readonly Group[] }) {
  const features = [...all].sort((one, other) => (other.share ?? 0) - (one.share ?? 0));
  const of = (group: Group, feature: string) => group.shares.find((one) => one.name === feature)?.share ?? 0;
  const named = groups.map((group) => ({ ...group, name: group.name || t("none") }));
  const table = {
    header: [t("feature"), t("all"), ...named.map((group) => group.name)],
    rows: features.map((one) => [one.name, one.share, ...named.map((group) => of(group, one.name))]),
    show: (cell: unknown, column: number) => (column ? share(Number(cell)) : String(cell)),
  };
  return (
    <Figure name={name} table={table}>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={`${t("feature")}: ${name}`}>
        <table class="data cohorts">
          <thead>
            <tr>
              <th scope="col">{t("feature")}</th>
              <th scope="col" class="num">{t("all")}</th>
              {named.map((group) => <th key={group.name} scope="col" class="num">{group.name} <span class="faint">n {number(group.n)}</span></th>)}
            </tr>
          </thead>
          <tbody>
            {features.map((one) => (
              <tr key={one.name}>
                <th scope="row">{one.name}</th>
                <td class="num"><b>{share(one.share)}</b></td>
                {named.map((group) => {
                  const part = of(group, one.name);
                  return <td key={group.name} class={`num heat-${Math.round(part * 10)}`}>{share(part)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Figure>
  );
}
