/** Words of the API's enumerations, as people say them. */
import { words } from "./words";

const PAIRS = {
  DONE: ["done", "완료"], PARTLY: ["partly", "일부"], MISSING: ["missing", "없음"], PENDING: ["pending", "대기"],
  RUNNING: ["running", "실행 중"], SUCCEEDED: ["succeeded", "성공"], FAILED: ["failed", "실패"], QUARANTINED: ["quarantined", "격리됨"],
  OWNER: ["owner", "소유자"], ADMIN: ["admin", "관리자"], ANALYST: ["analyst", "분석가"], VIEWER: ["viewer", "조회자"],
  INGEST: ["ingest", "수집"], QUERY: ["query", "조회"], ERASE: ["erasure", "삭제"], SUPPRESS: ["suppression", "처리 중지"],
  VALUE: ["value", "가치"], PASSIVE: ["passive", "수동"], NOTICE: ["notice", "알림"],
  ACCOUNT: ["accounts", "고객"], PERSON: ["persons", "사용자"],
  REACHED: ["reached", "달성"], AHEAD: ["ahead", "앞섬"], BEHIND: ["behind", "뒤처짐"], MISSED: ["missed", "미달"], NO_DATA: ["no data", "데이터 없음"],
  RISK: ["risk", "위험"], OPPORTUNITY: ["opportunity", "기회"],
  HIGH: ["higher than usual", "평소보다 높음"], LOW: ["lower than usual", "평소보다 낮음"],
  LEAD: ["lead", "잠재 고객"], TRIAL: ["trial", "체험"], CUSTOMER: ["customer", "고객"], CHURNED: ["churned", "이탈"],
  RELEASE: ["release", "릴리스"], MARKETING: ["marketing", "마케팅"], INCIDENT: ["incident", "장애"], OTHER: ["other", "기타"],
  SERVER: ["server", "서버"], CLIENT: ["client", "클라이언트"],
  BRONZE: ["bronze", "브론즈"], SILVER: ["silver", "실버"], GOLD: ["gold", "골드"], PLATINUM: ["platinum", "플래티넘"],
  DAILY: ["daily", "매일"], WEEKLY: ["weekly", "매주"], MONTHLY: ["monthly", "매월"],
} as const;

const t = words<keyof typeof PAIRS>(PAIRS);

/** The word for a member of an enumeration; one that is not listed as it is written, in small letters. */
export const said = (member: string | null | undefined): string =>
  member == null ? "" : member in PAIRS ? t(member as keyof typeof PAIRS) : member.toLowerCase().replaceAll("_", " ");
