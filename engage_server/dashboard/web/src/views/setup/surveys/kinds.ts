/** What surveys ask, in the words of docs/surveys.md. */
import { words } from "../../../words/words";

const PAIRS = {
  NPS: ["NPS: 0 to 10, would one recommend it", "NPS: 추천 의향 0~10"],
  CES_1: ["effort, 1 to 5, low is good", "노력도 1~5(낮을수록 좋음)"],
  CES_2: ["made easy, 1 to 7, high is good", "쉬웠는지 1~7(높을수록 좋음)"],
  CSAT_STARS: ["satisfaction, 1 to 5 stars", "만족도 별 1~5"],
  CSAT_EMOJI: ["satisfaction, one of five faces", "만족도 표정 5개"],
  TEXT: ["words alone", "주관식"],
} as const;
export type Kind = keyof typeof PAIRS;
export const KINDS = Object.keys(PAIRS) as Kind[];
export const kindWord: (kind: Kind) => string = words<Kind>(PAIRS);
