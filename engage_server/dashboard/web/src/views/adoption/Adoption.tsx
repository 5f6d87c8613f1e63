import { CourseDocument, FeatureUseDocument } from "../../api/documents";
import { useSession } from "../../api/session";
import { useTile } from "../../api/tile";
import { NeedsPlugin } from "../../components/NeedsPlugin";
import { Tile } from "../../components/Tile";
import { shiftDay, today } from "../../words/format";
import { words } from "../../words/words";
import { setQuery, place } from "../../shell/router";
import { Features, type FeatureShare } from "./Features";
import { type Step, Steps } from "./Steps";
import { Bars, type Week } from "./Bars";

const t = words({
  title: ["Adoption", "도입"],
  features: ["Features by group: share of active persons who use them", "그룹별 기능 사용: 활성 사용자 중 비율"],
  noFeatures: ["No feature is in use yet. Give event names a feature in the event dictionary.", "사용 중인 기능이 없습니다. 이벤트 사전에서 이벤트에 기능을 지정하세요."],
  by: ["By", "기준"],
  plan: ["plan", "요금제"],
  stage: ["stage", "단계"],
  owner: ["owner", "담당자"],
  funnel: ["Funnel", "퍼널"],
  noFunnel: ["Nobody entered the funnel. Name its steps in the plugin's settings.", "퍼널에 들어온 사용자가 없습니다. 플러그인 설정에서 단계를 정하세요."],
  lifecycle: ["Who came and who went, by week", "주별 유입과 이탈"],
  noLifecycle: ["No week is known yet.", "아직 한 주의 값이 없습니다."],
});
const BREADTH = "adoption.breadth";
const FUNNEL = "funnel.conversion";
const LIFECYCLE = "active_users.lifecycle";
const GROUPS = ["plan", "stage", "owner"] as const;

/** Which features which customers use, where persons drop out of the funnel, and who comes and goes. */
export function Adoption() {
  const session = useSession().data;
  const has = (id: string) => session?.metrics.some((one) => one.id === id) ?? false;
  const by = place.value.query.get("by") ?? "plan";
  const newest = shiftDay(today(), -1);
  const weeks = Array.from({ length: 8 }, (_, index) => shiftDay(newest, -7 * (7 - index)));
  const [d0, d1, d2, d3, d4, d5, d6, d7] = weeks as [string, string, string, string, string, string, string, string];
  const features = useTile(FeatureUseDocument, has(BREADTH) ? { metric: BREADTH, by } : null);
  const [hasFunnel, hasLifecycle] = [has(FUNNEL), has(LIFECYCLE)];
  const course = useTile(CourseDocument, hasFunnel || hasLifecycle ? { funnel: FUNNEL, hasFunnel, lifecycle: LIFECYCLE, hasLifecycle, d0, d1, d2, d3, d4, d5, d6, d7 } : null);
  const off = (id: string) => session !== null && !has(id);
  return (
    <>
      <div class="page-head"><h1>{t("title")}</h1></div>
      <div class="stack">
        {off(BREADTH) ? <NeedsPlugin plugin="adoption" /> : (
          <Tile
            title={t("features")}
            state={features}
            empty={t("noFeatures")}
            isEmpty={(data) => !sharesOf(data.metric.at?.details).length}
            actions={
              <label class="pick">{t("by")} <select value={by} onChange={(event) => setQuery({ by: event.currentTarget.value })}>{GROUPS.map((one) => <option key={one} value={one}>{t(one)}</option>)}</select></label>
            }
          >
            {(data) => (
              <Features
                name={t("features")}
                all={sharesOf(data.metric.at!.details)}
                groups={data.metric.compute.map(({ group, value }) => ({ name: group ?? "", n: value.n, shares: sharesOf(value.details) }))}
              />
            )}
          </Tile>
        )}
        <div class="grid halves wide">
          {off(FUNNEL) ? <NeedsPlugin plugin="funnel" /> : (
            <Tile title={t("funnel")} state={course} empty={t("noFunnel")} isEmpty={(data) => !stepsOf(data.funnel?.at?.details).length}>
              {(data) => <Steps name={t("funnel")} steps={stepsOf(data.funnel!.at!.details)} />}
            </Tile>
          )}
          {off(LIFECYCLE) ? <NeedsPlugin plugin="active_users" /> : (
            <Tile title={t("lifecycle")} state={course} empty={t("noLifecycle")} isEmpty={(data) => !Object.values(data.lifecycle ?? {}).some(Boolean)}>
              {(data) => <Bars name={t("lifecycle")} weeks={Object.values(data.lifecycle!).filter((one) => one !== null).map((one) => ({ ...(one.details as Omit<Week, "day">), day: one.day }))} />}
            </Tile>
          )}
        </div>
      </div>
    </>
  );
}

function sharesOf(details: unknown): FeatureShare[] {
  const found = (details as { features?: unknown } | null | undefined)?.features;
  return Array.isArray(found) ? (found as FeatureShare[]) : [];
}

function stepsOf(details: unknown): Step[] {
  const found = (details as { steps?: unknown } | null | undefined)?.steps;
  return Array.isArray(found) ? (found as Step[]) : [];
}
