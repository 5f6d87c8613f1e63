/** Words of the API's enumerations, as people say them. */
import { words } from "./words";

const PAIRS = {
  DONE: ["done", "완료"], PARTLY: ["partly", "일부"], MISSING: ["missing", "없음"], PENDING: ["pending", "대기"],
  RUNNING: ["running", "실행 중"], SUCCEEDED: ["succeeded", "성공"], FAILED: ["failed", "실패"], QUARANTINED: ["quarantined", "격리됨"],
  OWNER: ["owner", "소유자"], ADMIN: ["admin", "관리자"], ANALYST: ["analyst", "분석가"], VIEWER: ["viewer", "조회자"],
  INGEST: ["ingest", "수집"], QUERY: ["query", "조회"], ERASE: ["erasure", "삭제"], SUPPRESS: ["suppression", "처리 중지"],
  VALUE: ["value", "가치"], PASSIVE: ["passive", "수동"], NOTICE: ["notice", "알림"],
  ACCOUNT: ["accounts", "고객"], PERSON: ["persons", "사용자"], TENANT: ["the company", "회사"], FEATURE: ["features", "기능"],
  HEALTH: ["health", "건강"], MONEY: ["money", "매출"], ADOPTION: ["adoption", "도입"], ONBOARDING: ["onboarding", "온보딩"],
  SATISFACTION: ["satisfaction", "만족도"], CONVERSION: ["conversion", "전환"], EFFORT: ["effort", "노력도"], INSIGHT: ["insight", "통찰"],
  DIAGNOSIS: ["diagnosis", "진단"], ACTIVITY: ["activity", "활동"], ACTIVATION: ["activation", "활성화"], RETENTION: ["retention", "유지"],
  REACHED: ["reached", "달성"], AHEAD: ["ahead", "앞섬"], BEHIND: ["behind", "뒤처짐"], MISSED: ["missed", "미달"], NO_DATA: ["no data", "데이터 없음"],
  RISK: ["risk", "위험"], OPPORTUNITY: ["opportunity", "기회"],
  GREEN: ["green", "양호"], YELLOW: ["yellow", "주의"], RED: ["red", "위험"], UNKNOWN: ["unknown", "미상"],
  UNDER: ["under", "미달"], HEALTHY: ["healthy", "적정"], FULL: ["full", "가득 참"], OVER_ALLOCATED: ["over allocated", "초과 할당"],
  HIGH: ["higher than usual", "평소보다 높음"], LOW: ["lower than usual", "평소보다 낮음"],
  LEAD: ["lead", "잠재 고객"], TRIAL: ["trial", "체험"], CUSTOMER: ["customer", "고객"], CHURNED: ["churned", "이탈"],
  RELEASE: ["release", "릴리스"], MARKETING: ["marketing", "마케팅"], INCIDENT: ["incident", "장애"], OTHER: ["other", "기타"],
  SERVER: ["server", "서버"], CLIENT: ["client", "클라이언트"],
  BRONZE: ["bronze", "브론즈"], SILVER: ["silver", "실버"], GOLD: ["gold", "골드"], PLATINUM: ["platinum", "플래티넘"],
  WEBHOOK: ["webhook", "웹훅"], SLACK: ["Slack", "Slack"], MAIL: ["mail", "메일"],
  PERSONS: ["mail to persons", "사용자 메일"], WEEK: ["each week", "매주"], MONTH: ["each month", "매월"], QUARTER: ["each quarter", "매 분기"],
  QUARTERLY_REVIEW: ["review of an account", "고객 분기 리뷰"], PORTFOLIO: ["portfolio", "포트폴리오"], ROADMAP: ["roadmap of features", "기능 로드맵"],
  CALENDAR: ["calendar of renewals", "갱신 캘린더"], SENDING: ["on its way", "전송 중"], SENT: ["sent", "전송됨"], DEAD: ["given up", "실패"],
  RULE: ["rule", "규칙"], PLAYBOOK: ["playbook", "플레이북"], SURVEY: ["survey", "설문"], REPORT: ["report", "보고서"],
  STABLE: ["stable", "안정"], EXPERIMENTAL: ["experimental", "실험"], DEPRECATED: ["deprecated", "지원 종료 예정"], LIVE: ["live", "운영"],
  DAILY: ["daily", "매일"], WEEKLY: ["weekly", "매주"], MONTHLY: ["monthly", "매월"],
} as const;

const t = words<keyof typeof PAIRS>(PAIRS);

/** The word for a member of an enumeration, in large letters or small; one that is not listed in small letters. */
export function said(member: string | null | undefined): string {
  const key = member?.toUpperCase() ?? "";
  return key in PAIRS ? t(key as keyof typeof PAIRS) : key.toLowerCase().replaceAll("_", " ");
}
