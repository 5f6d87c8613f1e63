import { words } from "../words/words";
import type { Mark } from "./TimeChart";

const t = words({
  defined: ["calculated otherwise from here (version {version})", "여기부터 계산 방식 변경(버전 {version})"],
  configured: ["other settings from here (version {version})", "여기부터 설정 변경(버전 {version})"],
});

interface Versions {
  days: readonly string[];
  definitionVersions: readonly number[];
  configurationVersions: readonly (number | null)[];
}

/** Where a series is calculated otherwise than on the day before: by another definition, or under other settings. */
export function breaksOf({ days, definitionVersions, configurationVersions }: Versions): Mark[] {
  return days.flatMap((day, at) => {
    if (!at) return [];
    const [defined, configured] = [definitionVersions[at]!, configurationVersions[at]];
    if (defined !== definitionVersions[at - 1]) return [{ day, text: t("defined", { version: defined }), kind: "DEFINITION" }];
    const before = configurationVersions[at - 1];
    return configured != null && before != null && configured !== before ? [{ day, text: t("configured", { version: configured }), kind: "DEFINITION" }] : [];
  });
}
