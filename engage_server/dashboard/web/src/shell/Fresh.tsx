import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { NumbersCameDocument } from "../api/documents";
import { patience } from "../api/client";
import { listen } from "../api/live";
import { refreshAll, refreshes } from "../api/tile";
import { words } from "../words/words";

const t = words({
  refresh: ["Refresh", "새로고침"],
  patience: ["Much was asked: the page goes on in {seconds} s", "요청이 많아 {seconds}초 후 이어집니다"],
  came: ["New numbers: refresh", "새 숫자: 새로고침"],
});
const AFTER_MS = 1_500; // so that it takes nothing from what is drawn first
/** At which refresh new numbers were told of; until the next one they are not shown. */
const toldAt = signal<number | null>(null);

/** The one button that refreshes everything in view; it says so where numbers were computed since. */
export function Refresh() {
  useEffect(whileSeen, []);
  const isNew = toldAt.value === refreshes.value;
  return (
    <span role="status">
      <button type="button" class={isNew ? "fresh" : "quiet"} onClick={refreshAll}>{t(isNew ? "came" : "refresh")}</button>
      {patience.value !== null && <span class="patience"> {t("patience", { seconds: patience.value })}</span>}
    </span>
  );
}

/** Listens as long as somebody can see the page: a tab in the background holds no connection. */
function whileSeen(): () => void {
  let stop: (() => void) | null = null;
  const follow = () => {
    stop?.();
    stop = document.hidden ? null : listen(NumbersCameDocument, tell, () => undefined);
  };
  const first = setTimeout(follow, AFTER_MS);
  document.addEventListener("visibilitychange", follow);
  return () => {
    clearTimeout(first);
    stop?.();
    document.removeEventListener("visibilitychange", follow);
  };
}

function tell({ runFinished: run }: { runFinished?: { state: string; valuesWritten: number } | null }): void {
  if (run?.state === "SUCCEEDED" && run.valuesWritten > 0) toldAt.value = refreshes.peek();
}
