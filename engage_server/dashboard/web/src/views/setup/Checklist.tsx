import { useState } from "preact/hooks";
import { ApplyBundleDocument, SetupAuditDocument, type SetupAuditQuery } from "../../api/documents";
import { useTile } from "../../api/tile";
import { useChange } from "../../api/useChange";
import { Refusal } from "../../components/form/Refusal";
import { Tile } from "../../components/Tile";
import { link } from "../../shell/router";
import { share } from "../../words/format";
import { said } from "../../words/enums";
import { language, words } from "../../words/words";

const t = words({
  title: ["What is still missing", "남은 설정"],
  done: ["{share} done", "{share} 완료"],
  empty: ["Nothing is checked.", "점검할 항목이 없습니다."],
  allOn: ["all its plugins are on", "플러그인이 모두 켜짐"],
  events: ["Events", "이벤트"],
  goals: ["Goals", "목표"],
  segments: ["Segments", "세그먼트"],
  plugins: ["Plugins", "플러그인"],
  bundles: ["Bundles: a set of plugins for a question", "번들: 목적별 플러그인 묶음"],
  missing: ["not installed: {names}", "설치되지 않음: {names}"],
  show: ["What would change", "변경 내용 보기"],
  apply: ["Agree and apply", "동의하고 적용"],
  applied: ["Applied.", "적용되었습니다."],
  enables: ["{plugin} is switched on; it reads {reads}", "{plugin} 켜짐; 읽는 데이터: {reads}"],
  changes: ["{plugin} is changed: {fields}", "{plugin} 변경: {fields}"],
  same: ["Everything is as the bundle would have it.", "이미 번들과 같은 상태입니다."],
});
type Bundle = SetupAuditQuery["bundles"][number];
/** The tab in which an item is seen to; the others are seen to where events are sent. */
const TABS: Record<string, "events" | "goals" | "segments" | "plugins"> = {
  dictionary: "events", key_actions: "events", north_star: "goals", retention_baseline: "plugins", segments: "segments", activity_cohorts: "segments",
  coverage: "plugins", consent: "plugins", history: "plugins",
};
const SHAPES = { DONE: "●", PARTLY: "◐", MISSING: "○" } as const;
const TONES = { DONE: "good", PARTLY: "warn", MISSING: "bad" } as const;

/** The setup audit: what is done, what is missing and what to do; and bundles, which do much at once. */
export function Checklist() {
  const audit = useTile(SetupAuditDocument, {});
  return (
    <div class="grid halves wide">
      <Tile
        title={t("title")}
        state={audit}
        empty={t("empty")}
        isEmpty={(data) => !data.setupAudit?.items.length}
        actions={audit.data?.setupAudit && <b>{t("done", { share: share(audit.data.setupAudit.shareDone) })}</b>}
      >
        {(data) => (
          <ul class="checklist">
            {[...data.setupAudit!.items].sort(worstFirst).map((item) => {
              const isKorean = language.value === "ko";
              return (
                <li key={item.key}>
                  <span class={`state ${TONES[item.state]}`}><i aria-hidden="true">{SHAPES[item.state]}</i> {said(item.state)}</span>
                  <div>
                    <b>{isKorean ? item.titleKo : item.title}</b>
                    <p>{isKorean ? item.foundKo : item.found}</p>
                    {item.state !== "DONE" && <Remedy of={item.key} text={isKorean ? item.remedyKo : item.remedy} />}
                    {item.state !== "DONE" && <p class="faint">{isKorean ? item.whyKo : item.why}</p>}
                  </div>
                </li>
              );
            })}
          </ul>
        )}
      </Tile>
      <Tile title={t("bundles")} state={audit}>
        {(data) => <ul class="checklist">{data.bundles.map((one) => <BundleRow key={one.name} bundle={one} areOn={isOn(one, data.plugins)} />)}</ul>}
      </Tile>
    </div>
  );
}

function Remedy({ of, text }: { of: string; text: string }) {
  const tab = TABS[of];
  return (
    <>
      {!(tab && text.includes("manage.py")) && <p class="faint">{text}</p>}
      {tab && <p><a href={link(["setup", tab])}>{t(tab)} →</a></p>}
    </>
  );
}

const ORDER = ["MISSING", "PARTLY", "DONE"];
const worstFirst = (one: { state: string }, other: { state: string }): number => ORDER.indexOf(one.state) - ORDER.indexOf(other.state);

/** Whether all of a bundle's plugins that are installed are on. */
function isOn(bundle: Bundle, plugins: SetupAuditQuery["plugins"]): boolean {
  const on = new Set(plugins.filter((one) => one.enabled).map((one) => one.id));
  return bundle.plugins.some((id) => on.has(id)) && bundle.plugins.every((id) => on.has(id) || bundle.missing.includes(id));
}

/** A bundle: first what it would change, then whether to. */
function BundleRow({ bundle, areOn }: { bundle: Bundle; areOn: boolean }) {
  const plan = useChange(ApplyBundleDocument, { refreshes: false });
  const applying = useChange(ApplyBundleDocument);
  const [isDone, setDone] = useState(false);
  const apply = async () => setDone((await applying.send({ name: bundle.name, dryRun: false })) !== null);
  const steps = plan.data?.applyBundle.plan.steps ?? [];
  const hasSteps = steps.some((step) => step.enables || Object.keys(step.changes as object).length);
  return (
    <li class="bundle">
      <div>
        <b>{language.value === "ko" ? bundle.titleKo : bundle.title}</b> {areOn && <span class="good">● {t("allOn")}</span>}
        <p class="faint">
          {bundle.plugins.map((id) => <a key={id} class="chip" href={link(["setup", "plugins", id])}>{id}</a>)}
        </p>
        {bundle.missing.length > 0 && <p class="faint">{t("missing", { names: bundle.missing.join(", ") })}</p>}
        {plan.data && (
          <ul class="steps">
            {steps.filter((step) => step.enables).map((step) => <li key={step.plugin}>{t("enables", { plugin: step.plugin, reads: step.reads.join(", ") })}</li>)}
            {steps.filter((step) => Object.keys(step.changes as object).length).map((step) => (
              <li key={`${step.plugin}-changes`}>{t("changes", { plugin: step.plugin, fields: Object.keys(step.changes as object).join(", ") })}</li>
            ))}
            {!hasSteps && <li>{t("same")}</li>}
          </ul>
        )}
        <Refusal failure={plan.failure ?? applying.failure} />
        <p class="buttons">
          {plan.data ? hasSteps && (
            <button type="button" class="primary" disabled={applying.busy} onClick={apply}>{t("apply")}</button>
          ) : (
            <button type="button" disabled={plan.busy} onClick={() => plan.send({ name: bundle.name, dryRun: true })}>{t("show")}</button>
          )}
          <span role="status">{isDone && t("applied")}</span>
        </p>
      </div>
    </li>
  );
}
