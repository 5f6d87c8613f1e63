import type { ComponentChildren } from "preact";
import type { AccountFactsQuery, SessionQuery } from "../../api/documents";
import { titleOf } from "../../api/session";
import { link } from "../../shell/router";
import { day, money, number, share } from "../../words/format";
import { said } from "../../words/enums";
import { words } from "../../words/words";

export type AccountNode = NonNullable<AccountFactsQuery["account"]>;

const t = words({
  id: ["Id", "ID"],
  plan: ["Plan", "요금제"],
  stage: ["Stage", "단계"],
  owner: ["Owner", "담당자"],
  since: ["Since", "시작일"],
  members: ["People", "구성원"],
  parent: ["Belongs to", "상위 고객"],
  children: ["Above", "하위 고객"],
  renews: ["Renewal", "갱신일"],
  monthly: ["Monthly revenue", "월 매출"],
  subscriptions: ["Subscriptions", "구독"],
  seats: ["{seats} seats", "{seats}석"],
  unlimited: ["unlimited seats", "좌석 무제한"],
  until: ["until {day}", "{day}까지"],
  UPCOMING: ["upcoming", "예정"],
  TRIAL: ["trial", "체험"],
  PAID: ["paid", "유료"],
  IDLE: ["idle", "휴면"],
  ENDED: ["ended", "종료"],
  goals: ["Goals", "목표"],
  goal: ["{target} by {due}", "{due}까지 {target}"],
  way: ["{progress} of the way, {expected} of the time", "진행 {progress}, 기간 {expected}"],
  none: ["none is set", "없음"],
});

export function Facts({ account, session }: { account: AccountNode; session: SessionQuery }) {
  const traits = Object.entries((account.traits ?? {}) as Record<string, unknown>).filter(([, value]) => value !== null && typeof value !== "object");
  return (
    <>
      <dl class="facts">
        <Fact name={t("id")}>{account.externalId}</Fact>
        <Fact name={t("plan")}>{account.plan}</Fact>
        <Fact name={t("stage")}>{said(account.stage)}</Fact>
        <Fact name={t("owner")}>{account.owner}</Fact>
        <Fact name={t("since")}>{account.startedAt && day(account.startedAt)}</Fact>
        <Fact name={t("renews")}>{account.renewsOn && day(account.renewsOn)}</Fact>
        <Fact name={t("monthly")}>{account.recurring.map((one) => money(Number(one.amount), one.currency)).join(", ")}</Fact>
        <Fact name={t("members")}>{number(account.memberCount)}</Fact>
        <Fact name={t("parent")}>{account.parent && <To account={account.parent} />}</Fact>
        <Fact name={t("children")}>
          {account.children.edges.length > 0 && account.children.edges.map(({ node: child }) => <div key={child.externalId}><To account={child} /></div>)}
        </Fact>
        {traits.map(([name, value]) => <Fact key={name} name={name.replaceAll("_", " ")}>{String(value)}</Fact>)}
      </dl>
      <h3 class="part">{t("subscriptions")}</h3>
      {account.subscriptions.edges.length === 0 && <p class="faint">{t("none")}</p>}
      {account.subscriptions.edges.map(({ node }) => <Subscription key={node.externalId} of={node} />)}
      <h3 class="part">{t("goals")}</h3>
      {account.goals.edges.length === 0 && <p class="faint">{t("none")}</p>}
      {account.goals.edges.map(({ node: goal }) => <Goal key={goal.id} goal={goal} session={session} />)}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return children ? <><dt>{name}</dt><dd>{children}</dd></> : null;
}

function To({ account }: { account: { externalId: string; name: string } }) {
  return <a href={link(["accounts", account.externalId])}>{account.name || account.externalId}</a>;
}

function Goal({ goal, session }: { goal: AccountNode["goals"]["edges"][number]["node"]; session: SessionQuery }) {
  const definition = session.metrics.find((one) => one.id === goal.metric);
  return (
    <div class="goal">
      <b>{goal.name}</b>
      <span class="faint">
        {definition && titleOf(definition)} {t("goal", { target: number(goal.target), due: day(goal.due) })}
      </span>
      {goal.progress !== null && (
        <>
          <progress max={1} value={goal.progress} aria-label={goal.name} />
          <span class="faint">{t("way", { progress: share(goal.progress), expected: share(goal.expected) })}</span>
        </>
      )}
    </div>
  );
}

function Subscription({ of }: { of: AccountNode["subscriptions"]["edges"][number]["node"] }) {
  const { monthly, seats, endsOn } = of;
  const told = [money(Number(monthly.amount), monthly.currency), seats === null ? t("unlimited") : t("seats", { seats }), endsOn && t("until", { day: day(endsOn) })];
  return (
    <div class="goal">
      <span><b>{of.plan || of.externalId}</b> <span class="tag">{t(of.state)}</span></span>
      <span class="faint">{told.filter(Boolean).join(" · ")}</span>
    </div>
  );
}
