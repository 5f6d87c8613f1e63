import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Shell } from "./shell/Shell";
import { place, startRouter } from "./shell/router";
import { startTheme } from "./shell/theme";
import { words } from "./words/words";
import { views } from "./views";
import "./styles/index.css";

const t = words({ nothing: ["There is no view at this address.", "이 주소에는 화면이 없습니다."] });

function App() {
  const [first = "", ...rest] = place.value.path;
  const view = views.find((one) => one.path === first);
  const name = [...rest].reverse().join(" · ") || view?.title?.();
  useEffect(() => {
    document.title = name ? `${name} · Engage` : "Engage";
  }, [name]);
  return <Shell>{view ? <view.Show key={place.value.path.join("/")} rest={rest} /> : <p class="empty">{t("nothing")}</p>}</Shell>;
}

startTheme();
startRouter();
// The view's script comes with the page's: what is drawn first is the view, and not its place.
const start = () => render(<App />, document.getElementById("dashboard")!);
const shown = views.find((one) => one.path === (place.peek().path[0] ?? ""));
void (shown?.load() ?? Promise.resolve()).then(start, start);
