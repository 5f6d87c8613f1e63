import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { words } from "../words/words";

const t = words({
  gone: ["This part of the page was not loaded. The server may have been renewed since the page was opened.", "화면 일부를 불러오지 못했습니다. 페이지를 연 뒤 서버가 갱신되었을 수 있습니다."],
  reload: ["Load the page anew", "페이지 새로 불러오기"],
});

export interface Later<P> {
  /** Loads when it is first drawn. */
  Show: ComponentType<P>;
  /** Loads before it is wanted; more than once is no more than once. */
  load: () => Promise<void>;
}

/** A component whose script is loaded when it is wanted, so that a page loads only what it shows. */
export function later<P extends object>(get: () => Promise<ComponentType<P>>): Later<P> {
  let found: ComponentType<P> | null = null;
  const load = async () => {
    found ??= await get();
  };
  function Show(props: P) {
    const [state, setState] = useState<"ready" | "loading" | "gone">(found ? "ready" : "loading");
    useEffect(() => {
      if (!found) load().then(() => setState("ready"), () => setState("gone"));
    }, []);
    if (state === "gone") return <Gone />;
    const Found = found;
    return Found ? <Found {...props} /> : <div class="empty" aria-busy="true" />;
  }
  return { Show, load };
}

function Gone() {
  return (
    <div class="problem" role="alert">
      <p>{t("gone")}</p>
      <button type="button" onClick={() => window.location.reload()}>{t("reload")}</button>
    </div>
  );
}
