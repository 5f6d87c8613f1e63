import { useState } from "preact/hooks";
import { CohortMembersDocument, type CohortMembersQuery } from "../../api/documents";
import { may, useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { type Column, DataTable } from "../../components/DataTable";
import { Tile } from "../../components/Tile";
import { link } from "../../shell/router";
import { number } from "../../words/format";
import { words } from "../../words/words";
import type { Cell } from "./cells";

const t = words({
  title: ["Who they are", "해당 사용자"],
  hidden: ["Who they are is shown to roles that may see personal data.", "개인정보 열람 권한이 있는 역할만 명단을 볼 수 있습니다."],
  empty: ["Nobody.", "없습니다."],
  which: ["Who is shown", "표시 대상"],
  back: ["Came back", "복귀함"],
  away: ["Did not come back", "복귀하지 않음"],
  all: ["All", "전체"],
  who: ["Who", "이름"],
  account: ["Account", "고객"],
  answer: ["Came back", "복귀"],
  yes: ["yes", "예"],
  no: ["no", "아니요"],
  early: ["too early to tell", "아직 판단 불가"],
  unnamed: ["without a name", "이름 없음"],
  of: ["{count} in all", "총 {count}"],
  next: ["Next page", "다음"],
});
type Member = CohortMembersQuery["cohortMembers"]["edges"][number]["node"];
const CHOICES = { back: true, away: false, all: null } as const;

interface Props {
  metric: string;
  on: string;
  cell: Cell;
}

/** Those behind a cell: who came back at first, then whoever did not. */
export function Members({ metric, on, cell }: Props) {
  const session = useSession().data;
  const [which, choose] = useState<keyof typeof CHOICES>("back");
  const [after, turn] = useState<string | null>(null);
  const isMine = session !== null && may(session, "personal:read");
  const { cohort, offset } = cell;
  const state = useTile(CohortMembersDocument, isMine ? { metric, on, cohort, offset, cameBack: CHOICES[which], after } : null);
  if (!isMine) return <p class="faint">{t("hidden")}</p>;
  const pick = (
    <label class="pick">
      <span class="sr">{t("which")}</span>
      <select value={which} onChange={(event) => (choose(event.currentTarget.value as "all"), turn(null))}>
        {Object.keys(CHOICES).map((one) => <option key={one} value={one}>{t(one as "all")}</option>)}
      </select>
    </label>
  );
  return (
    <Tile title={t("title")} state={state} empty={t("empty")} isEmpty={(data) => !data.cohortMembers.edges.length} actions={pick}>
      {({ cohortMembers: { edges, pageInfo, totalCount } }) => (
        <>
          <DataTable name="members" caption={t("title")} columns={columns()} rows={edges.map(({ node }, at) => ({ ...node, at }))} rowKey={(one) => String(one.at)} />
          {pageInfo.hasNextPage && (
            <div class="pages">
              <span class="faint">{t("of", { count: number(totalCount) })}</span>
              <button type="button" onClick={() => turn(pageInfo.endCursor)}>{t("next")}</button>
            </div>
          )}
        </>
      )}
    </Tile>
  );
}

const nameOf = ({ person, account }: Member): string => person?.name || person?.externalId || account?.name || account?.externalId || t("unnamed");

const accountOf = (one: Member) => one.account ?? one.person?.accounts?.edges[0]?.node.account ?? null;

const answerOf = ({ cameBack }: Member): string => t(cameBack === null ? "early" : cameBack ? "yes" : "no");

function columns(): Column<Member & { at: number }>[] {
  return [
    { key: "who", title: t("who"), cell: nameOf, value: nameOf },
    {
      key: "account",
      title: t("account"),
      cell: (one) => {
        const found = accountOf(one);
        return found && <a href={link(["accounts", found.externalId])}>{found.name || found.externalId}</a>;
      },
      value: (one) => accountOf(one)?.name,
    },
    { key: "answer", title: t("answer"), cell: answerOf, value: answerOf },
  ];
}
