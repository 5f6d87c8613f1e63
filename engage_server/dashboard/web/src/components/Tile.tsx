import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../api/client";
import { refreshAll, type TileState } from "../api/tile";
import { Told } from "./Told";
import { ago } from "../words/format";
import { words } from "../words/words";

const t = words({
  OFFLINE: ["The server cannot be reached.", "서버에 연결할 수 없습니다."],
  UNAVAILABLE: ["The server cannot answer right now.", "서버가 지금 응답할 수 없습니다."],
  TOO_MUCH: ["More was asked than your company may ask in a minute.", "회사에 허용된 분당 요청량을 넘었습니다."],
  REFUSED: ["A part of this was not answered.", "일부 정보를 받지 못했습니다."],
  stale: ["The numbers below are from {age}.", "아래 숫자는 {age} 기준입니다."],
  again: ["Try again", "다시 시도"],
  wait: ["The server asks for {seconds} s of patience.", "{seconds}초 후 다시 시도해 주세요."],
  loading: ["Loading {title}", "{title} 불러오는 중"],
  age: ["Updated {age}", "{age} 업데이트"],
});

interface Props<D> {
  title: string;
  /** 1 where the tile is the whole view. */
  level?: 1 | 2;
  state: TileState<D>;
  /** What stands at the right of the title. */
  actions?: ComponentChildren;
  /** What would fill the tile, where the answer holds nothing to draw. */
  empty?: ComponentChildren;
  isEmpty?: (data: D) => boolean;
  class?: string;
  children: (data: D) => ComponentChildren;
}

/** A part of a view that loads by itself, tells its age, and keeps its last numbers where no newer ones come. */
export function Tile<D>({ title, level = 2, state, actions, empty, isEmpty, class: name = "", children }: Props<D>) {
  const { data, failure, loading } = state;
  return (
    <section class={`tile ${name}`} aria-busy={loading} aria-label={title}>
      <header class="tile-head">
        {level === 1 ? <h1>{title}</h1> : <h2>{title}</h2>}
        <Age at={state.loadedAt} />
        {actions && <div class="tile-actions">{actions}</div>}
      </header>
      {failure && <Problem failure={failure} shown={state.loadedAt} />}
      {data === null ? !failure && <Skeleton title={title} /> : isEmpty?.(data) ? <div class="empty">{empty}</div> : children(data)}
    </section>
  );
}

function Age({ at }: { at: Date | null }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 20_000);
    return () => clearInterval(timer);
  }, []);
  return at && <span class="age">{t("age", { age: ago(at) })}</span>;
}

function Problem({ failure, shown }: { failure: Failure; shown: Date | null }) {
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{t(failure.kind)}</strong> {shown && failure.kind !== "REFUSED" && t("stale", { age: ago(shown) })}{" "}
        {failure.retryAfter && t("wait", { seconds: failure.retryAfter })}
      </p>
      {failure.text && <p><Told class="faint" text={failure.text} /></p>}
      <button type="button" onClick={refreshAll}>{t("again")}</button>
    </div>
  );
}

function Skeleton({ title }: { title: string }) {
  return (
    <div class="skeleton" role="status" aria-label={t("loading", { title })}>
      <i /><i /><i />
    </div>
  );
}
