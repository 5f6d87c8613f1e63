// Written by `make dashboard` from the documents beside the views; never by hand.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Those accounts alone for which all that is given holds; of a list one of it, of an empty list nothing. */
export type AccountFilter = {
  /** What the tenant itself calls them. Without `personal:read` a person's name finds nothing. */
  externalIds?: Array<string> | null | undefined;
  /** Global ids; one that names no account of the tenant finds nothing. */
  ids?: Array<string> | null | undefined;
  /** What their values are; all of these. */
  metrics?: Array<MetricCondition> | null | undefined;
  /** Who looks after them. Without `personal:read` a person's name finds nothing. */
  owner?: Array<string> | null | undefined;
  /** Global id of the account that they are directly below. */
  parent?: string | null | undefined;
  /** Their plans. Without `personal:read` a person's name finds nothing. */
  plan?: Array<string> | null | undefined;
  /** Part of the name or of the external id, upper and lower case being one. Without `personal:read` accounts whose name or external id names a person are not found. */
  search?: string | null | undefined;
  /** Global id of the segment of accounts that they are in today. */
  segment?: string | null | undefined;
  /** Their stages. */
  stage?: Array<AccountStage> | null | undefined;
  /** All of these. Without `personal:read` a person's name finds nothing. */
  traits?: Array<TraitCondition> | null | undefined;
};

/** In which order accounts come: one of these. */
export type AccountOrder =
  {   /** By how bad it stands about them times what they are worth. */
  atStake: StakeOrder; by?: never; metric?: never; }
  |  { atStake?: never;   /** By what they are. Without an order: OLDEST. */
  by: AccountSort; metric?: never; }
  |  { atStake?: never; by?: never;   /** By a metric's value: the queue to work off. */
  metric: MetricOrder; };

/** CHURN: the stage became CHURNED, or the last paid subscription ended. UPGRADE: paid subscriptions came to more money a month than the day before, the first one among them. */
export type AccountOutcome =
  /** The stage became CHURNED, or the last paid subscription ended. */
  | 'CHURN'
  /** Paid subscriptions came to more money a month than the day before, the first one among them. */
  | 'UPGRADE';

/** OLDEST and NEWEST: by when they came in. NAME: by name, else by external id. STARTED: by `startedAt`; what is not known comes last. */
export type AccountSort =
  /** By name, else by external id. */
  | 'NAME'
  /** The same the other way round. */
  | 'NAME_DESCENDING'
  /** By when they came in. */
  | 'NEWEST'
  /** By when they came in. */
  | 'OLDEST'
  /** By `startedAt`; what is not known comes last. */
  | 'STARTED'
  /** The same the other way round. */
  | 'STARTED_DESCENDING';

/** Lifecycle stage. */
export type AccountStage =
  /** It is a customer no more. */
  | 'CHURNED'
  /** A customer. */
  | 'CUSTOMER'
  /** Not a customer yet. */
  | 'LEAD'
  /** It is tried. */
  | 'TRIAL';

/** What kind of thing happened. */
export type AnnotationKind =
  /** Something broke. */
  | 'INCIDENT'
  /** A campaign or the like. */
  | 'MARKETING'
  /** Something else. */
  | 'OTHER'
  /** Something new came out. */
  | 'RELEASE';

/** Whether a value is unusual, or why that is not known. NORMAL: as usual on this weekday. HIGH: unusually high. LOW: unusually low. SHORT_HISTORY: less than four weeks of values, or too few of this weekday, so nothing is judged. FEW: the history, or the value, rests on fewer than 10. NO_VALUE: the day has no value that is whole. */
export type AnomalyState =
  /** The history, or the value, rests on fewer than 10. */
  | 'FEW'
  /** Unusually high. */
  | 'HIGH'
  /** Unusually low. */
  | 'LOW'
  /** As usual on this weekday. */
  | 'NORMAL'
  /** The day has no value that is whole. */
  | 'NO_VALUE'
  /** Less than four weeks of values, or too few of this weekday, so nothing is judged. */
  | 'SHORT_HISTORY';

/** Where a value lies against the bounds, both of which belong to WITHIN; the direction says what is good. */
export type BenchmarkStanding =
  /** Over the upper bound. */
  | 'ABOVE'
  /** Under the lower bound. */
  | 'BELOW'
  /** Between the bounds, or on one of them. */
  | 'WITHIN';

/** Why a value changed. MOVED: A part's, or a member's, own value moved. WEIGHT: A part weighs more or less than before. CONFIGURATION: The configuration changed, and with it a weight or a value that was stored. DEFINITION: The metric's definition changed; values of two definitions cannot be split further. CAME: A part that was missing has a value. WENT: A part that had a value is missing. REWEIGHTED: A part weighs more or less because another one came or went. LIMIT: A cap or an override began, ended or moved. LATE_DATA: What had been stored for the earlier day was corrected, by data that came late or were mended. ERASED_DATA: What had been stored for the earlier day was corrected after an erasure. JOINED: A member that was not counted before. LEFT: A member that is not counted any more. OTHER: What the value's parts do not explain. */
export type ChangeKind =
  /** A part that was missing has a value. */
  | 'CAME'
  /** The configuration changed, and with it a weight or a value that was stored. */
  | 'CONFIGURATION'
  /** The metric's definition changed; values of two definitions cannot be split further. */
  | 'DEFINITION'
  /** What had been stored for the earlier day was corrected after an erasure. */
  | 'ERASED_DATA'
  /** A member that was not counted before. */
  | 'JOINED'
  /** What had been stored for the earlier day was corrected, by data that came late or were mended. */
  | 'LATE_DATA'
  /** A member that is not counted any more. */
  | 'LEFT'
  /** A cap or an override began, ended or moved. */
  | 'LIMIT'
  /** A part's, or a member's, own value moved. */
  | 'MOVED'
  /** What the value's parts do not explain. */
  | 'OTHER'
  /** A part weighs more or less because another one came or went. */
  | 'REWEIGHTED'
  /** A part weighs more or less than before. */
  | 'WEIGHT'
  /** A part that had a value is missing. */
  | 'WENT';

/** By what messages go. */
export type ChannelKind =
  /** By mail to the tenant's own people. */
  | 'MAIL'
  /** By mail to the person whom a message is about. */
  | 'PERSONS'
  /** To Slack. */
  | 'SLACK'
  /** To an address of the tenant's own. */
  | 'WEBHOOK';

/** A new channel: a WEBHOOK or SLACK with `url`, MAIL with `to`; PERSONS sends to whom a message is about. */
export type CreateChannelInput = {
  /** Of MARKETO: the client for whom it gives bearer tokens; `credential` is the client's secret then. */
  clientId?: string | null | undefined;
  /** Comes back as it is, for the client to know its answer by. */
  clientMutationId?: string | null | undefined;
  /** Of a webhook: the token that its receiver demands, stored sealed and shown to nobody. */
  credential?: string | null | undefined;
  /** Try it and take it back: errors and `restated` are those of the real one. */
  dryRun?: boolean;
  /** 1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has the first answer; with other content it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Of what kind it is. */
  kind: ChannelKind;
  /** Its name. */
  name: string;
  /** What is special about it; empty where nothing is. */
  note?: string;
  /** Messages a minute at most. */
  perMinute?: number;
  /** Of mail: where answers go, an address of the tenant's own people. */
  replyTo?: string | null | undefined;
  /** Of mail: the name that it comes from, beside the server's address. */
  sender?: string | null | undefined;
  /** Of a webhook: in which form it gets messages; default: STANDARD. */
  shape?: WebhookShape | null | undefined;
  /** Addresses of mail. */
  to?: Array<string> | null | undefined;
  /** Where it is sent. */
  url?: string | null | undefined;
};

/** A new goal: of the tenant, or of the account or segment that is named. */
export type CreateGoalInput = {
  /** The account; where it is asked for, its global id. */
  account?: string | null | undefined;
  /** Default: the subject's value of `start`, as it is known now. */
  baseline?: number | null | undefined;
  /** Comes back as it is, for the client to know its answer by. */
  clientMutationId?: string | null | undefined;
  /** Try it and take it back: errors and `restated` are those of the real one. */
  dryRun?: boolean;
  /** The day by which it is to be reached. */
  due: string;
  /** 1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has the first answer; with other content it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** The metric's full id: the plugin's, a dot, the metric's. */
  metric: string;
  /** Its name. */
  name: string;
  /** What is special about it; empty where nothing is. */
  note?: string;
  /** Global id of the segment. */
  segment?: string | null | undefined;
  /** Default: today. */
  start?: string | null | undefined;
  /** The value that is to be reached. */
  target: number;
  /** How far from the target still counts as reached. */
  tolerance?: number;
};

/** What a new key is to be. */
export type CreateKeyInput = {
  /** Comes back as it is, for the client to know its answer by. */
  clientMutationId?: string | null | undefined;
  /** Try it and take it back: errors and `restated` are those of the real one. */
  dryRun?: boolean;
  /** Else after a year. */
  expiresAt?: string | null | undefined;
  /** 1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has the first answer; with other content it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Of what kind it is. */
  kind: KeyKind;
  /** Its name. */
  name?: string;
  /** Instead of what its kind usually has. */
  permissions?: Array<Permission> | null | undefined;
  /** Under which source an ingest key brings events in. */
  source?: string;
};

/** A new playbook; it does nothing before it is enabled. */
export type CreatePlaybookInput = {
  /** Of so many it may speak, see `Playbook.audience`; needed to switch one on for more than 100. */
  atMost?: number | null | undefined;
  /** Comes back as it is, for the client to know its answer by. */
  clientMutationId?: string | null | undefined;
  /** Days after a signal in which the same is not said again. */
  coolDownDays?: number;
  /** Try it and take it back: errors and `restated` are those of the real one. */
  dryRun?: boolean;
  /** Whether the tenant has it switched on. */
  enabled?: boolean;
  /** Share of the subjects about whom nothing is done, to compare with; 0 to 1. */
  holdOut?: number;
  /** When it may reach people: days of the week and times, in the tenant's zone. */
  hours?: unknown;
  /** 1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has the first answer; with other content it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Its name. */
  name: string;
  /** What is special about it; empty where nothing is. */
  note?: string;
  /** The rule. */
  rule: string;
  /** What is done, one after the other. */
  steps: unknown;
};

/** A new report. */
export type CreateReportInput = {
  /** The account; where it is asked for, its global id. */
  account?: string | null | undefined;
  /** By which it is sent. */
  channel?: string | null | undefined;
  /** Comes back as it is, for the client to know its answer by. */
  clientMutationId?: string | null | undefined;
  /** Try it and take it back: errors and `restated` are those of the real one. */
  dryRun?: boolean;
  /** How often it is sent; with `channel`. */
  every?: ReportPeriod | null | undefined;
  /** Of the period's first day, in the tenant's zone. */
  hour?: number;
  /** 1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has the first answer; with other content it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Of what kind it is. */
  kind: ReportKind;
  /** en or ko. */
  language?: string;
  /** Full ids, the leading one first: of ROADMAP adoption in per cent. */
  metrics: Array<string>;
  /** Its name. */
  name: string;
  /** With what persons of the account said. */
  quotes?: boolean;
};

/** A new rule. */
export type CreateRuleInput = {
  /** Comes back as it is, for the client to know its answer by. */
  clientMutationId?: string | null | undefined;
  /** Days after a signal in which the same is not said again. */
  coolDownDays?: number;
  /** Try it and take it back: errors and `restated` are those of the real one. */
  dryRun?: boolean;
  /** 1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has the first answer; with other content it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Of what kind it is. */
  kind: SignalKind;
  /** Values that rest on fewer are not looked at. */
  minimumN?: number;
  /** Its name. */
  name: string;
  /** What is special about it; empty where nothing is. */
  note?: string;
  /** Channels that are told of what it raises. */
  notify?: Array<string>;
  /** `replay` says what it would have said in so many days; 0: that is not asked. */
  replayDays?: number;
  /** It is about the members of this segment alone, which is tracked or listed. */
  segment?: string | null | undefined;
  /** For example {"type": "value", "metric": "health_score.score", "below": 40, "clears_at": 50}; docs/signals.md has the words. */
  trigger: unknown;
};

/** What a new segment is. */
export type CreateSegmentInput = {
  /** Comes back as it is, for the client to know its answer by. */
  clientMutationId?: string | null | undefined;
  /** The words of docs/segments.md; null where members are listed by hand. */
  condition?: unknown;
  /** What it is for, in the words of who made it. */
  description?: string;
  /** Try it and take it back: errors and `restated` are those of the real one. */
  dryRun?: boolean;
  /** 1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has the first answer; with other content it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Its name. */
  name: string;
  /** What its members are. */
  subject: SegmentSubject;
  /** Whether metrics are computed for it by schedule. */
  tracked?: boolean;
};

/** What is to be shared. */
export type CreateShareInput = {
  /** The account; where it is asked for, its global id. */
  account?: string | null | undefined;
  /** Comes back as it is, for the client to know its answer by. */
  clientMutationId?: string | null | undefined;
  /** Try it and take it back: errors and `restated` are those of the real one. */
  dryRun?: boolean;
  /** The first day on which it is not shown any more. */
  endsOn?: string | null | undefined;
  /** Whether the account's goals are shown. */
  goals?: boolean;
  /** 1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has the first answer; with other content it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** Of what kind it is. */
  kind: ShareKind;
  /** en or ko. */
  language?: string;
  /** Of each metric of the plugin. */
  metrics?: Array<string>;
  /** Its name. */
  name: string;
};

/** A new survey; what is left out is as usual. */
export type CreateSurveyInput = {
  /** Whether there is room for words beside the score. */
  asksWhy?: boolean | null | undefined;
  /** Comes back as it is, for the client to know its answer by. */
  clientMutationId?: string | null | undefined;
  /** Days after a signal in which the same is not said again. */
  coolDownDays?: number | null | undefined;
  /** Try it and take it back: errors and `restated` are those of the real one. */
  dryRun?: boolean;
  /** So many days an invitation can be answered. */
  endsAfterDays?: number | null | undefined;
  /** 1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has the first answer; with other content it is a CONFLICT. */
  idempotencyKey?: string | null | undefined;
  /** By which metrics know its answers. */
  instrument?: string | null | undefined;
  /** Of what kind it is. */
  kind: SurveyKind;
  /** Its name. */
  name: string;
  /** What is special about it; empty where nothing is. */
  note?: string | null | undefined;
  /** Whose pages may show it in a frame, such as https://app.example.com. */
  origins?: Array<string> | null | undefined;
  /** In English. */
  question?: string | null | undefined;
  /** In Korean. */
  questionKo?: string | null | undefined;
};

/** From what a message follows. RULE: a signal that a rule raised. PLAYBOOK: a step of a playbook. SURVEY: that a survey asks. REPORT: that a report is due, or was sent by hand. TEST: that a channel was tried. */
export type DeliveryOrigin =
  /** A step of a playbook. */
  | 'PLAYBOOK'
  /** That a report is due, or was sent by hand. */
  | 'REPORT'
  /** A signal that a rule raised. */
  | 'RULE'
  /** That a survey asks. */
  | 'SURVEY'
  /** That a channel was tried. */
  | 'TEST';

/** PENDING waits for its time, SENDING is in a worker's hands, SENT was taken, DEAD was given up. */
export type DeliveryState =
  /** It was given up. */
  | 'DEAD'
  /** It waits for its turn. */
  | 'PENDING'
  /** It is in a worker's hands. */
  | 'SENDING'
  /** It was taken. */
  | 'SENT';

/** VALUE: the user got something done. PASSIVE: they were merely there. NOTICE: no activity of theirs. */
export type EventClass =
  /** No activity of theirs. */
  | 'NOTICE'
  /** They were merely there. */
  | 'PASSIVE'
  /** The user got something done. */
  | 'VALUE';

/** What is to be said of a name; what is left out or null stays as it is. */
export type EventNameChanges = {
  /** What an event of this name is. */
  eventClass?: EventClass | null | undefined;
  /** Empty: belongs to no feature. */
  feature?: string | null | undefined;
  /** Whether it is one of the two or three that matter most. */
  isKey?: boolean | null | undefined;
  /** Whether it speaks for the user's success (1), against it (-1), or neither (0). */
  polarity?: number | null | undefined;
  /** How much such an event counts. */
  weight?: number | null | undefined;
};

/** Whose words these are: a customer's, or those of the tenant's own people about one. */
export type FeedbackGivenBy =
  /** A customer's. */
  | 'CUSTOMER'
  /** The tenant's own people. */
  | 'STAFF';

/** AHEAD and BEHIND compare the share of the way with the share of the time; MISSED: due and not reached. */
export type GoalStatus =
  /** More of the way is gone than of the time. */
  | 'AHEAD'
  /** Less of the way is gone than of the time. */
  | 'BEHIND'
  /** Due and not reached. */
  | 'MISSED'
  /** There is nothing to say it by. */
  | 'NO_DATA'
  /** It is reached. */
  | 'REACHED';

/** How a group lies to all others together. AT_RISK: worse than the others by more than chance. THRIVING: better than the others by more than chance. APART: other than the others by more than chance, where neither way is better. LIKE_OTHERS: what lies between them may be chance. UNTESTED: it has no value or no interval, rests on fewer than 10, or there is nothing to hold it against. */
export type GroupState =
  /** Other than the others by more than chance, where neither way is better. */
  | 'APART'
  /** Worse than the others by more than chance. */
  | 'AT_RISK'
  /** What lies between them may be chance. */
  | 'LIKE_OTHERS'
  /** Better than the others by more than chance. */
  | 'THRIVING'
  /** It has no value or no interval, rests on fewer than 10, or there is nothing to hold it against. */
  | 'UNTESTED';

/** What a key opens. */
export type KeyKind =
  /** All that its permissions allow. */
  | 'ADMIN'
  /** Sends events, and reads nothing. */
  | 'INGEST'
  /** Reads metrics. */
  | 'QUERY';

/** That an account's value of a metric lies between marks or has a status: on the day of the list, or the metric's newest. All that is given holds. */
export type MetricCondition = {
  /** Over this mark, without it. */
  above?: number | null | undefined;
  /** Under this mark, without it. */
  below?: number | null | undefined;
  /** The metric's full id, such as `nps.score`. */
  id: string;
  /** One of these; an account without a value has NO_DATA. */
  status?: Array<MetricStatus> | null | undefined;
};

/** Which way of moving is good; VARIES: each value says it. */
export type MetricDirection =
  /** Low is good. */
  | 'DOWN'
  /** Near a target is good. */
  | 'TARGET'
  /** High is good. */
  | 'UP'
  /** Each value says it. */
  | 'VARIES';

/** Accounts by their value of a metric; who has none comes last. */
export type MetricOrder = {
  /** Else the worst first, by the metric's direction; the lowest where neither way is worse. */
  bestFirst?: boolean;
  /** The metric's full id, such as `nps.score`. */
  id: string;
};

/** How far a value can be trusted. */
export type MetricStatus =
  /** Not all of what it is about has happened yet. */
  | 'IMMATURE'
  /** There is nothing to say it by. */
  | 'NO_DATA'
  /** It can be trusted. */
  | 'OK'
  /** The day, or the data of it, is not whole. */
  | 'PARTIAL'
  /** It is withheld, since it rests on few persons. */
  | 'SUPPRESSED';

/** What is wrong with an event name. */
export type NamingFault =
  /** It contains an id. */
  | 'ID'
  /** It is almost the same as another one. */
  | 'NEAR_DUPLICATE'
  /** It contains a number. */
  | 'NUMBER'
  /** It means something to this server. */
  | 'RESERVED'
  /** It is written otherwise than the others. */
  | 'STYLE'
  /** It is too long to read. */
  | 'TOO_LONG'
  /** So many cannot matter most. */
  | 'TOO_MANY_KEY'
  /** There are more names than are read at once. */
  | 'TOO_MANY_NAMES';

/** A right inside the tenant; keys and roles consist of them. */
export type Permission =
  /** Read the audit log. */
  | 'AUDIT_READ'
  /** Read rules, signals and channels. */
  | 'AUTOMATION_READ'
  /** Change rules and channels, acknowledge signals. */
  | 'AUTOMATION_WRITE'
  /** Configure the tenant. */
  | 'CONFIG_WRITE'
  /** Send events, and write about customers. */
  | 'EVENTS_WRITE'
  /** Export all of the tenant's data. */
  | 'EXPORT_READ'
  /** Make and revoke keys. */
  | 'KEYS_MANAGE'
  /** Invite people, and change their roles. */
  | 'MEMBERS_MANAGE'
  /** Read metrics, accounts and what belongs to them. */
  | 'METRICS_READ'
  /** See who persons are. */
  | 'PERSONAL_READ'
  /** Export, suppress and erase persons. */
  | 'PRIVACY_MANAGE'
  /** Make surveys and ask persons. */
  | 'SURVEYS_WRITE';

/** What changes of a playbook; what is left out stays. */
export type PlaybookChanges = {
  /** Of so many it may speak, see `Playbook.audience`; needed to switch one on for more than 100. */
  atMost?: number | null | undefined;
  /** Days after a signal in which the same is not said again. */
  coolDownDays?: number | null | undefined;
  /** Whether the tenant has it switched on. */
  enabled?: boolean | null | undefined;
  /** Share of the subjects about whom nothing is done, to compare with; 0 to 1. */
  holdOut?: number | null | undefined;
  /** When it may reach people: days of the week and times, in the tenant's zone. */
  hours?: unknown;
  /** Its name. */
  name?: string | null | undefined;
  /** What is special about it; empty where nothing is. */
  note?: string | null | undefined;
  /** What is done, one after the other. */
  steps?: unknown;
};

/** How far a plugin may be relied on. EXPERIMENTAL: formula and fields may change with any release. STABLE: a change raises the definition version. DEPRECATED: it goes. */
export type PluginLifecycle =
  /** It goes. */
  | 'DEPRECATED'
  /** Formula and fields may change with any release. */
  | 'EXPERIMENTAL'
  /** A change raises the definition version. */
  | 'STABLE';

/** ERASE suppresses first. */
export type PrivacyRequestKind =
  /** Everything of the person is removed. */
  | 'ERASE'
  /** Nothing more of the person is taken in or shown. */
  | 'SUPPRESS';

/** PENDING: the workers are at it, or will be. */
export type PrivacyRequestState =
  /** It is done. */
  | 'DONE'
  /** The workers are at it, or will be. */
  | 'PENDING';

/** QUARTERLY_REVIEW is of one account, PORTFOLIO of all, ROADMAP of the product's features. */
export type ReportKind =
  /** Of all accounts. */
  | 'PORTFOLIO'
  /** Of one account. */
  | 'QUARTERLY_REVIEW'
  /** Of the product's features. */
  | 'ROADMAP';

/** At the beginning of which periods a report is sent. */
export type ReportPeriod =
  /** Calendar months. */
  | 'MONTH'
  /** Quarters of the calendar. */
  | 'QUARTER'
  /** Weeks, from Monday on. */
  | 'WEEK';

/** What a person is in a tenant, the mightiest first. */
export type Role =
  /** All that belongs to a tenant but its ownership. */
  | 'ADMIN'
  /** Reads, and configures. */
  | 'ANALYST'
  /** May do everything. */
  | 'OWNER'
  /** Reads. */
  | 'VIEWER';

/** What changes of a rule; what is left out stays. */
export type RuleChanges = {
  /** Days after a signal in which the same is not said again. */
  coolDownDays?: number | null | undefined;
  /** Of what kind it is. */
  kind?: SignalKind | null | undefined;
  /** Values that rest on fewer are not looked at. */
  minimumN?: number | null | undefined;
  /** Its name. */
  name?: string | null | undefined;
  /** What is special about it; empty where nothing is. */
  note?: string | null | undefined;
  /** Global ids of the channels that are told. */
  notify?: Array<string> | null | undefined;
  /** What raises it, in the words of docs/signals.md. */
  trigger?: unknown;
};

/** PENDING waits, perhaps for another try; RUNNING is computed; the others are final: FAILED was given up after five failures, QUARANTINED took its worker along. */
export type RunState =
  /** It failed, and is not tried again. */
  | 'FAILED'
  /** It waits for its turn. */
  | 'PENDING'
  /** It took its worker along, and is not tried again. */
  | 'QUARANTINED'
  /** It is being computed. */
  | 'RUNNING'
  /** It is computed. */
  | 'SUCCEEDED';

/** What the members of a segment are. */
export type SegmentSubject =
  /** Accounts. */
  | 'ACCOUNT'
  /** Persons. */
  | 'PERSON';

/** How far one thing of the set-up is done. */
export type SetupState =
  /** It is done. */
  | 'DONE'
  /** Nothing of it is done. */
  | 'MISSING'
  /** Some of it is done. */
  | 'PARTLY';

/** ACCOUNT is a customer's own page, CALENDAR the days on which paid subscriptions renew. */
export type ShareKind =
  /** Accounts. */
  | 'ACCOUNT'
  /** The days on which paid subscriptions renew. */
  | 'CALENDAR';

/** What a signal is: a risk or an opportunity. */
export type SignalKind =
  /** Something that may be gained. */
  | 'OPPORTUNITY'
  /** Something that may be lost. */
  | 'RISK';

/** TEST: what comes in is checked and shown, and counts nowhere. */
export type SourceEnvironment =
  /** What comes in counts. */
  | 'LIVE'
  /** What comes in is checked and shown, and counts nowhere. */
  | 'TEST';

/** SERVER: the tenant's own code. CLIENT: browsers and apps, whose key is no secret. */
export type SourceSide =
  /** Browsers and apps, whose key is no secret. */
  | 'CLIENT'
  /** The tenant's own code. */
  | 'SERVER';

/** Accounts by what is at stake: how bad the value of one metric is, times the value of another. Who lacks one of them comes last. */
export type StakeOrder = {
  /** Instead of the distance to the best: how much worse it became in so many days, 0 where it did not. */
  days?: number | null | undefined;
  /** Full id of what is bad, such as `health_score.score`: the distance to the best of all accounts. */
  risk: string;
  /** Full id of what it is worth, such as `revenue.mrr`. */
  worth: string;
};

/** One of: PENDING, SENDING, SENT, DEAD. */
export type State =
  /** It was given up. */
  | 'DEAD'
  /** It waits for its turn. */
  | 'PENDING'
  /** It is in a worker's hands. */
  | 'SENDING'
  /** It was taken. */
  | 'SENT';

/** What a value, a rule or a signal is about. */
export type SubjectKind =
  /** One of its accounts. */
  | 'ACCOUNT'
  /** A part of the product. */
  | 'FEATURE'
  /** One of its persons. */
  | 'PERSON'
  /** The members of a saved segment together. */
  | 'SEGMENT'
  /** The company itself. */
  | 'TENANT';

/** How a subscription stands on a day. UPCOMING: it begins later. TRIAL and PAID: it runs. IDLE: it is not paid for, or not to be used. ENDED: it is over. */
export type SubscriptionState =
  /** It is over. */
  | 'ENDED'
  /** It is not paid for, or not to be used. */
  | 'IDLE'
  /** It runs. */
  | 'PAID'
  /** It runs. */
  | 'TRIAL'
  /** It begins later. */
  | 'UPCOMING';

/** What changes of a survey; what is left out stays. */
export type SurveyChanges = {
  /** Whether there is room for words beside the score. */
  asksWhy?: boolean | null | undefined;
  /** Days after a signal in which the same is not said again. */
  coolDownDays?: number | null | undefined;
  /** So many days an invitation can be answered. */
  endsAfterDays?: number | null | undefined;
  /** Its name. */
  name?: string | null | undefined;
  /** What is special about it; empty where nothing is. */
  note?: string | null | undefined;
  /** Whose pages may show it in a frame, such as https://app.example.com. */
  origins?: Array<string> | null | undefined;
  /** In English. */
  question?: string | null | undefined;
  /** In Korean. */
  questionKo?: string | null | undefined;
};

/** What is asked. NPS: 0 to 10, how likely one is to recommend. CES_1: 1 to 5, how much effort it took. CES_2: 1 to 7, whether it was made easy. CSAT_STARS: 1 to 5 stars. CSAT_EMOJI: one of five faces. TEXT: words alone. */
export type SurveyKind =
  /** 1 to 5: how much effort it took, little being good. */
  | 'CES_1'
  /** 1 to 7: whether it was made easy. */
  | 'CES_2'
  /** One of five faces. */
  | 'CSAT_EMOJI'
  /** 1 to 5 stars. */
  | 'CSAT_STARS'
  /** 0 to 10, how likely one is to recommend. CES_1: 1 to 5, how much effort it took. CES_2: 1 to 7, whether it was made easy. */
  | 'NPS'
  /** Words alone. */
  | 'TEXT';

/** How often the tenant's users are expected. */
export type TenantCadence =
  /** Every day. */
  | 'DAILY'
  /** Every month. */
  | 'MONTHLY'
  /** Every week. */
  | 'WEEKLY';

/** That a trait of an account has a value. */
export type TraitCondition = {
  /** The value: text, number, boolean or null. */
  equals: unknown;
  /** The trait's name, as in `traits`. */
  name: string;
};

/** Which way a series goes. RISING: it rises by more than chance. FALLING: it falls by more than chance. FLAT: what it moved may be chance. SHORT_HISTORY: less than four weeks of values. */
export type TrendState =
  /** It falls by more than chance. */
  | 'FALLING'
  /** What it moved may be chance. */
  | 'FLAT'
  /** It rises by more than chance. */
  | 'RISING'
  /** Less than four weeks of values. */
  | 'SHORT_HISTORY';

/** STANDARD is the server's own, FLAT one object of plain fields; the others are forms in which the tools of these names take contacts and companies. */
export type WebhookShape =
  /** A contact with fields of its own, as Autopilot takes it. */
  | 'AUTOPILOT'
  /** One object of plain fields. */
  | 'FLAT'
  /** A batch upsert of companies or contacts, as HubSpot's CRM takes it. */
  | 'HUBSPOT'
  /** Companies or leads, as Marketo's REST API takes them. */
  | 'MARKETO'
  /** The server's own form, with the data of the message's type. */
  | 'STANDARD';

export type SessionQueryVariables = Exact<{
  korean?: boolean;
}>;


export type SessionQuery = { labels?: unknown, viewer: { email: string | null, actor: string, role: Role | null, permissions: Array<Permission>, tenants: Array<{ slug: string, name: string, role: Role | null }> }, tenant: { slug: string, name: string, timezone: string, primaryMetric: string | null }, metrics: Array<{ id: string, plugin: string, category: string, subjects: Array<SubjectKind>, direction: MetricDirection, title: string, unit: string, titleKo: string, unitKo: string }> };

export type NumbersCameSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type NumbersCameSubscription = { runFinished: { state: RunState, valuesWritten: number } | null };

export type SearchQueryVariables = Exact<{
  text: string;
}>;


export type SearchQuery = { accounts: { edges: Array<{ node: { externalId: string, name: string, plan: string } }> } };

export type AccountFactsQueryVariables = Exact<{
  id: string;
  from: string;
  to: string;
  score: string;
}>;


export type AccountFactsQuery = { overrides: { edges: Array<{ node: { startsOn: string, endsOn: string, value: number, reason: string, account: { externalId: string } | null } }> }, account: { id: string, externalId: string, name: string, plan: string, stage: AccountStage, startedAt: string | null, owner: string, traits: unknown, memberCount: number, renewsOn: string | null, parent: { externalId: string, name: string } | null, children: { edges: Array<{ node: { externalId: string, name: string } }> }, recurring: Array<{ amount: unknown, currency: string }>, subscriptions: { edges: Array<{ node: { externalId: string, plan: string, state: SubscriptionState, seats: number | null, startsOn: string, endsOn: string | null, validFrom: string | null, monthly: { amount: unknown, currency: string } } }> }, answers: { edges: Array<{ node: { id: string, instrument: string, givenBy: FeedbackGivenBy, occurredAt: string, text: string | null, score: number | null, tags: Array<string>, person: { name: string | null, externalId: string | null } | null } }> }, events: { edges: Array<{ node: { name: string, occurredAt: string, feature: string | null, person: { name: string | null } | null } }> }, goals: { edges: Array<{ node: { id: string, name: string, metric: string, target: number, due: string, progress: number | null, expected: number, status: GoalStatus | null } }> }, history: Array<{ attribute: string, value: unknown, from: string | null }>, signals: { edges: Array<{ node: { id: string, kind: SignalKind, raisedOn: string, clearedOn: string | null, acknowledgedBy: string | null, reason: string, rule: { name: string } | null } }> } | null, deliveries: { edges: Array<{ node: { key: string, origin: DeliveryOrigin, name: string, channel: string, subject: string | null, said: string | null, state: State, createdAt: string, person: { name: string | null, externalId: string | null } | null } }> } | null, score: { value: number | null, day: string, status: MetricStatus, unit: string, direction: MetricDirection, ageDays: number, details: unknown, n: number, unitKo: string, interval: { low: number, high: number } | null, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null, n: number | null, note: string }>, series: { days: Array<string>, values: Array<number | null>, ns: Array<number>, lows: Array<number | null>, highs: Array<number | null>, restated: Array<string>, definitionVersions: Array<number>, configurationVersions: Array<number | null>, annotations: Array<{ id: string, day: string, text: string, kind: AnnotationKind }> }, restatements: Array<{ at: string, reason: string, before: number | null, after: number | null }> } | null, metrics: Array<{ metric: string, value: number | null, day: string, status: MetricStatus, n: number, unit: string, direction: MetricDirection, ageDays: number, details: unknown, unitKo: string, interval: { low: number, high: number } | null, sparkline: { days: Array<string>, values: Array<number | null> } }> } | null };

export type CourseFragment = { value: number | null, day: string, status: MetricStatus, unit: string, direction: MetricDirection, ageDays: number, details: unknown, n: number, unitKo: string, interval: { low: number, high: number } | null, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null, n: number | null, note: string }>, series: { days: Array<string>, values: Array<number | null>, ns: Array<number>, lows: Array<number | null>, highs: Array<number | null>, restated: Array<string>, definitionVersions: Array<number>, configurationVersions: Array<number | null>, annotations: Array<{ id: string, day: string, text: string, kind: AnnotationKind }> }, restatements: Array<{ at: string, reason: string, before: number | null, after: number | null }> };

export type FeatureUseQueryVariables = Exact<{
  metric: string;
  by: string;
}>;


export type FeatureUseQuery = { metric: { at: { day: string, n: number, details: unknown } | null, compute: Array<{ group: string | null, value: { n: number, details: unknown } }> } };

export type CourseQueryVariables = Exact<{
  funnel: string;
  hasFunnel: boolean;
  lifecycle: string;
  hasLifecycle: boolean;
  d0: string;
  d1: string;
  d2: string;
  d3: string;
  d4: string;
  d5: string;
  d6: string;
  d7: string;
}>;


export type CourseQuery = { funnel?: { at: { details: unknown } | null }, lifecycle?: { w0: { day: string, details: unknown } | null, w1: { day: string, details: unknown } | null, w2: { day: string, details: unknown } | null, w3: { day: string, details: unknown } | null, w4: { day: string, details: unknown } | null, w5: { day: string, details: unknown } | null, w6: { day: string, details: unknown } | null, w7: { day: string, details: unknown } | null } };

export type BookQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  where?: AccountFilter | null | undefined;
  order?: AccountOrder | null | undefined;
  score: string;
  worth: string;
}>;


export type BookQuery = { accounts: { totalCount: number | null, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { externalId: string, name: string, plan: string, stage: AccountStage, owner: string, renewsOn: string | null, worth: { value: number | null, unit: string, details: unknown, unitKo: string } | null, metric: { value: number | null, day: string, status: MetricStatus, ageDays: number, direction: MetricDirection, details: unknown, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null }>, sparkline: { days: Array<string>, values: Array<number | null> } } | null } }> } };

export type CohortsQueryVariables = Exact<{
  metric: string;
}>;


export type CohortsQuery = { metric: { at: { value: number | null, n: number, day: string, ageDays: number, unit: string, details: unknown, unitKo: string, interval: { low: number, high: number, level: number } | null } | null } };

export type CohortMembersQueryVariables = Exact<{
  metric: string;
  on: string;
  cohort: string;
  offset: number;
  cameBack?: boolean | null | undefined;
  after?: string | null | undefined;
}>;


export type CohortMembersQuery = { cohortMembers: { totalCount: number | null, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { cameBack: boolean | null, person: { externalId: string | null, name: string | null, accounts: { edges: Array<{ node: { account: { externalId: string, name: string } | null } }> } | null } | null, account: { externalId: string, name: string } | null } }> } };

export type RunsQueryVariables = Exact<{
  states?: Array<RunState> | RunState | null | undefined;
  restates?: boolean | null | undefined;
}>;


export type RunsQuery = { runs: { edges: Array<{ node: { id: string, plugin: string, on: string, state: RunState, reason: string | null, attempt: number, scheduledFor: string, startedAt: string | null, finishedAt: string | null, valuesWritten: number | null, error: string | null } }> } };

export type AgesQueryVariables = Exact<{ [key: string]: never; }>;


export type AgesQuery = { metrics: Array<{ id: string, schedule: string, latest: { day: string, computedAt: string, dataAsOf: string | null, ageDays: number } | null }> };

export type RejectsQueryVariables = Exact<{ [key: string]: never; }>;


export type RejectsQuery = { quarantine: { edges: Array<{ node: { id: string, code: string, message: string, source: string, protocol: string, receivedAt: string } }> }, sources: { edges: Array<{ node: { name: string, side: SourceSide, environment: SourceEnvironment } }> } };

export type EventReceivedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type EventReceivedSubscription = { eventReceived: { name: string, source: string, occurredAt: string, receivedAt: string, account: { externalId: string, name: string } | null } | null };

export type MetricsQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type MetricsQuery = { metrics: Array<{ id: string, latest: { value: number | null, day: string, n: number, unit: string, direction: MetricDirection, details: unknown, ageDays: number, unitKo: string, interval: { low: number, high: number } | null, series: { days: Array<string>, values: Array<number | null> } } | null }> };

export type MetricQueryVariables = Exact<{
  id: string;
  from: string;
  to: string;
  language: string;
}>;


export type MetricQuery = { metric: { definition: { card: { formula: string, source: string, edgeRules: Array<string>, vanityRisk: string, refreshCadence: string, formulaKo: string, sourceKo: string, edgeRulesKo: Array<string>, vanityRiskKo: string } }, at: { value: number | null, day: string, status: MetricStatus, n: number, unit: string, direction: MetricDirection, ageDays: number, details: unknown, noInterval: string, unitKo: string, interval: { low: number, high: number, level: number, method: string } | null, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null, n: number | null, note: string }>, benchmarks: Array<{ statement: string, source: string, published: string, verified: boolean, low: number | null, high: number | null, unit: string, applies: boolean, standing: BenchmarkStanding | null }>, trend: { state: TrendState, perWeek: number | null, p: number | null } | null, anomaly: { state: AnomalyState, expected: number | null, low: number | null, high: number | null, z: number | null, since: string | null } | null, restatements: Array<{ at: string, reason: string, before: number | null, after: number | null }> } | null, series: { days: Array<string>, values: Array<number | null>, ns: Array<number>, lows: Array<number | null>, highs: Array<number | null>, restated: Array<string>, definitionVersions: Array<number>, configurationVersions: Array<number | null>, annotations: Array<{ id: string, day: string, text: string, kind: AnnotationKind }> } } };

export type MetricGroupsQueryVariables = Exact<{
  id: string;
  by: string;
}>;


export type MetricGroupsQuery = { metric: { compareGroups: Array<{ group: string, state: GroupState, difference: number | null, low: number | null, high: number | null, pAdjusted: number | null, value: { value: number | null, n: number, unit: string, details: unknown, unitKo: string, interval: { low: number, high: number } | null } }> } };

export type MetricAccountsQueryVariables = Exact<{
  id: string;
}>;


export type MetricAccountsQuery = { accounts: { edges: Array<{ node: { externalId: string, name: string, plan: string, metric: { value: number | null, n: number, unit: string, details: unknown, direction: MetricDirection, unitKo: string } | null } }> } };

export type MovedQueryVariables = Exact<{
  days: number;
}>;


export type MovedQuery = { whatMoved: { edges: Array<{ node: { metric: string, day: string, value: number, since: string, days: number, isOngoing: boolean, comparedWith: string, anomaly: { state: AnomalyState, expected: number | null, low: number | null, high: number | null }, segments: { edges: Array<{ node: { value: number, segment: { name: string } | null, anomaly: { expected: number | null } } }> }, movers: { edges: Array<{ node: { label: string, before: number | null, after: number | null, change: number | null, account: { externalId: string, name: string, recurring: Array<{ amount: unknown, currency: string }> } | null } }> } } }> } };

export type LossesQueryVariables = Exact<{
  risk: string;
  worth: string;
  from: string;
  to: string;
}>;


export type LossesQuery = { accounts: { edges: Array<{ node: { externalId: string, name: string, stage: AccountStage, owner: string, recurring: Array<{ amount: unknown, currency: string }>, metric: { value: number | null, day: string, direction: MetricDirection, details: unknown, series: { days: Array<string>, values: Array<number | null> } } | null } }> } };

export type ChannelsQueryVariables = Exact<{ [key: string]: never; }>;


export type ChannelsQuery = { channels: { edges: Array<{ node: { id: string, number: number, name: string, kind: ChannelKind, url: string, to: Array<string>, perMinute: number } }> }, deliveries: { edges: Array<{ node: { id: string, cause: string, subject: string, state: DeliveryState, attempts: number, createdAt: string, log: Array<{ said: string }> } }> } };

export type CreateChannelMutationVariables = Exact<{
  channel: CreateChannelInput;
}>;


export type CreateChannelMutation = { createChannel: { secret: string | null, channel: { id: string } | null } };

export type TryChannelMutationVariables = Exact<{
  id: string;
}>;


export type TryChannelMutation = { tryChannel: { delivery: { id: string } | null } };

export type RetireChannelMutationVariables = Exact<{
  id: string;
}>;


export type RetireChannelMutation = { retireChannel: { channel: { id: string } | null } };

export type PlaybooksQueryVariables = Exact<{ [key: string]: never; }>;


export type PlaybooksQuery = { playbooks: { edges: Array<{ node: { id: string, name: string, enabled: boolean, steps: unknown, holdOut: number, coolDownDays: number, hours: unknown, note: string, version: number, audience: number | null, rule: { id: string, name: string } | null } }> }, rules: { edges: Array<{ node: { id: string, name: string, kind: SignalKind, trigger: unknown, subjectKind: SubjectKind | null, minimumN: number, coolDownDays: number, segment: { id: string, name: string, size: number | null } | null } }> }, channels: { edges: Array<{ node: { id: string, number: number, name: string, kind: ChannelKind } }> }, segments: { edges: Array<{ node: { number: number, name: string, subject: SegmentSubject, tracked: boolean, isStatic: boolean } }> }, surveys: { edges: Array<{ node: { number: number, name: string } }> }, accounts: { totalCount: number | null } };

export type UpliftQueryVariables = Exact<{
  id: string;
}>;


export type UpliftQuery = { node:
    | { uplift: { days: number, difference: number | null, low: number | null, high: number | null } }
    | Record<PropertyKey, never>
   | null };

export type PlaybookPresetsQueryVariables = Exact<{ [key: string]: never; }>;


export type PlaybookPresetsQuery = { playbookPresets: Array<{ name: string, title: string, titleKo: string, why: string, whyKo: string, needs: Array<string> }>, eventNames: { edges: Array<{ node: { name: string } }> } };

export type PreviewQueryVariables = Exact<{
  subject: string;
  text: string;
  account: string;
}>;


export type PreviewQuery = { messagePreview: { subject: string, text: string } };

export type CreatePlaybookMutationVariables = Exact<{
  playbook: CreatePlaybookInput;
}>;


export type CreatePlaybookMutation = { createPlaybook: { playbook: { id: string } | null } };

export type UpdatePlaybookMutationVariables = Exact<{
  id: string;
  changes: PlaybookChanges;
}>;


export type UpdatePlaybookMutation = { updatePlaybook: { playbook: { id: string, enabled: boolean } | null } };

export type RetirePlaybookMutationVariables = Exact<{
  id: string;
}>;


export type RetirePlaybookMutation = { retirePlaybook: { playbook: { id: string } | null } };

export type ApplyPresetMutationVariables = Exact<{
  name: string;
  channel: string;
  after?: string | null | undefined;
  event?: string | null | undefined;
  link?: string | null | undefined;
}>;


export type ApplyPresetMutation = { applyPlaybookPreset: { playbook: { id: string, name: string } | null } };

export type ReportsQueryVariables = Exact<{ [key: string]: never; }>;


export type ReportsQuery = { reports: { edges: Array<{ node: { id: string, name: string, kind: ReportKind, metrics: Array<string>, quotes: boolean, every: ReportPeriod | null, language: string } }> }, shares: { edges: Array<{ node: { id: string, name: string, kind: ShareKind, metrics: Array<string>, goals: boolean, language: string, endsOn: string | null, address: string } }> }, channels: { edges: Array<{ node: { id: string, name: string, kind: ChannelKind } }> } };

export type WrittenReportQueryVariables = Exact<{
  id: string;
}>;


export type WrittenReportQuery = { node:
    | { written: { day: string | null, html: string, csv: string, text: string } | null }
    | Record<PropertyKey, never>
   | null };

export type AccountChoicesQueryVariables = Exact<{
  text: string;
}>;


export type AccountChoicesQuery = { accounts: { edges: Array<{ node: { id: string, externalId: string, name: string } }> } };

export type CreateReportMutationVariables = Exact<{
  report: CreateReportInput;
}>;


export type CreateReportMutation = { createReport: { report: { id: string } | null } };

export type RetireReportMutationVariables = Exact<{
  id: string;
}>;


export type RetireReportMutation = { retireReport: { report: { id: string } | null } };

export type CreateShareMutationVariables = Exact<{
  share: CreateShareInput;
}>;


export type CreateShareMutation = { createShare: { share: { id: string, address: string } | null } };

export type RevokeShareMutationVariables = Exact<{
  id: string;
}>;


export type RevokeShareMutation = { revokeShare: { share: { id: string } | null } };

export type RulesQueryVariables = Exact<{ [key: string]: never; }>;


export type RulesQuery = { rules: { edges: Array<{ node: { id: string, name: string, kind: SignalKind, trigger: unknown, minimumN: number, coolDownDays: number, note: string, version: number, segment: { id: string, number: number, name: string, size: number | null } | null, notify: Array<{ id: string, name: string }> } }> }, segments: { edges: Array<{ node: { id: string, number: number, name: string, subject: SegmentSubject, tracked: boolean, isStatic: boolean } }> }, channels: { edges: Array<{ node: { id: string, number: number, name: string, kind: ChannelKind } }> }, eventNames: { edges: Array<{ node: { name: string } }> } };

export type TryRuleMutationVariables = Exact<{
  rule: CreateRuleInput;
}>;


export type TryRuleMutation = { createRule: { replay: { from: string, to: string, raised: number, subjects: number, stillOpen: number, perWeek: number, outcome: { outcome: AccountOutcome, accounts: number, warned: number, medianDays: number | null, inVain: number } | null, signals: Array<{ raisedOn: string, evidence: unknown, account:
          | { id: string, externalId: string, name: string }
          | Record<PropertyKey, never>
         | null }> } | null } };

export type CreateRuleMutationVariables = Exact<{
  rule: CreateRuleInput;
}>;


export type CreateRuleMutation = { createRule: { rule: { id: string } | null } };

export type UpdateRuleMutationVariables = Exact<{
  id: string;
  changes: RuleChanges;
}>;


export type UpdateRuleMutation = { updateRule: { rule: { id: string } | null } };

export type RetireRuleMutationVariables = Exact<{
  id: string;
}>;


export type RetireRuleMutation = { retireRule: { rule: { id: string } | null } };

export type ReplayFragment = { from: string, to: string, raised: number, subjects: number, stillOpen: number, perWeek: number, outcome: { outcome: AccountOutcome, accounts: number, warned: number, medianDays: number | null, inVain: number } | null, signals: Array<{ raisedOn: string, evidence: unknown, account:
      | { id: string, externalId: string, name: string }
      | Record<PropertyKey, never>
     | null }> };

export type SetupAuditQueryVariables = Exact<{ [key: string]: never; }>;


export type SetupAuditQuery = { plugins: Array<{ id: string, enabled: boolean }>, setupAudit: { shareDone: number, items: Array<{ key: string, title: string, why: string, state: SetupState, found: string, remedy: string, titleKo: string, whyKo: string, foundKo: string, remedyKo: string }> }, bundles: Array<{ name: string, title: string, plugins: Array<string>, missing: Array<string>, cadence: TenantCadence | null, titleKo: string }> };

export type PluginsQueryVariables = Exact<{ [key: string]: never; }>;


export type PluginsQuery = { plugins: Array<{ id: string, version: string, enabled: boolean, title: string, problem: string | null, waits: string | null, lifecycle: PluginLifecycle, titleKo: string }> };

export type PluginFormQueryVariables = Exact<{
  language: string;
}>;


export type PluginFormQuery = { plugins: Array<{ id: string, version: string, enabled: boolean, configurationVersion: number, config: unknown, problem: string | null, waits: string | null, schema: unknown, title: string, reads: Array<string>, homepage: string, titleKo: string }> };

export type ConfigurePluginMutationVariables = Exact<{
  plugin: string;
  changes: unknown;
  version?: number | null | undefined;
  dryRun: boolean;
}>;


export type ConfigurePluginMutation = { configurePlugin: { plugin: { id: string, configurationVersion: number }, restated: { from: string | null, to: string | null, days: number }, effects?: { to: string, metrics: Array<{ metric: string, values: number, changed: number, lastDay: { edges: Array<{ node: { subjectKind: SubjectKind, before: number | null, after: number | null, bandBefore: string | null, bandAfter: string | null, account:
                | { externalId: string, name: string }
                | Record<PropertyKey, never>
               | null } }> } }> } | null } };

export type EnablePluginMutationVariables = Exact<{
  id: string;
}>;


export type EnablePluginMutation = { enablePlugin: { plugin: { id: string } } };

export type DisablePluginMutationVariables = Exact<{
  id: string;
}>;


export type DisablePluginMutation = { disablePlugin: { plugin: { id: string } } };

export type ApplyBundleMutationVariables = Exact<{
  name: string;
  dryRun: boolean;
}>;


export type ApplyBundleMutation = { applyBundle: { plan: { applied: boolean, cadence: TenantCadence | null, preset: string | null, segments: Array<string>, steps: Array<{ plugin: string, missing: boolean, enables: boolean, changes: unknown, reads: Array<string> }> } } };

export type EventNamesQueryVariables = Exact<{
  search?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type EventNamesQuery = { eventNames: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { name: string, eventClass: EventClass, polarity: number, weight: number, feature: string | null, isKey: boolean, firstDay: string | null, lastDay: string | null, volume: number } }> }, eventNameProblems: { edges: Array<{ node: { name: string, fault: NamingFault, message: string } }> } };

export type UpdateEventNameMutationVariables = Exact<{
  name: string;
  changes: EventNameChanges;
}>;


export type UpdateEventNameMutation = { updateEventName: { eventName: { name: string } | null } };

export type SegmentSizeQueryVariables = Exact<{
  subject: SegmentSubject;
  condition: unknown;
}>;


export type SegmentSizeQuery = { segmentSize: number | null };

export type CreateSegmentMutationVariables = Exact<{
  segment: CreateSegmentInput;
}>;


export type CreateSegmentMutation = { createSegment: { segment: { id: string } | null } };

export type RetireSegmentMutationVariables = Exact<{
  id: string;
}>;


export type RetireSegmentMutation = { retireSegment: { segment: { id: string } | null } };

export type SegmentsQueryVariables = Exact<{ [key: string]: never; }>;


export type SegmentsQuery = { eventNames: { edges: Array<{ node: { name: string } }> }, segments: { edges: Array<{ node: { id: string, name: string, subject: SegmentSubject, description: string, condition: unknown, isStatic: boolean, tracked: boolean, version: number, author: string, size: number | null } }> } };

export type GoalsQueryVariables = Exact<{ [key: string]: never; }>;


export type GoalsQuery = { goals: { edges: Array<{ node: { id: string, name: string, metric: string, target: number, due: string, progress: number | null, status: GoalStatus | null, current: { value: number | null, unit: string } | null, account: { externalId: string, name: string } | null } }> } };

export type CreateGoalMutationVariables = Exact<{
  goal: CreateGoalInput;
}>;


export type CreateGoalMutation = { createGoal: { goal: { id: string } | null } };

export type RetireGoalMutationVariables = Exact<{
  id: string;
}>;


export type RetireGoalMutation = { retireGoal: { goal: { id: string } | null } };

export type KeysQueryVariables = Exact<{ [key: string]: never; }>;


export type KeysQuery = { keys: { edges: Array<{ node: { publicId: string, kind: KeyKind, name: string, source: string, prefix: string, lastFour: string, createdAt: string, expiresAt: string, lastUsedAt: string | null, revokedAt: string | null, inForce: boolean, unused: boolean } }> } };

export type CreateKeyMutationVariables = Exact<{
  key: CreateKeyInput;
}>;


export type CreateKeyMutation = { createKey: { text: string | null } };

export type RevokeKeyMutationVariables = Exact<{
  id: string;
}>;


export type RevokeKeyMutation = { revokeKey: { key: { publicId: string } | null } };

export type MembersQueryVariables = Exact<{ [key: string]: never; }>;


export type MembersQuery = { members: { edges: Array<{ node: { actor: string, email: string, role: Role, since: string, signedInAt: string | null } }> } };

export type InviteMemberMutationVariables = Exact<{
  email: string;
  role: Role;
}>;


export type InviteMemberMutation = { inviteMember: { member: { email: string } | null } };

export type ChangeRoleMutationVariables = Exact<{
  email: string;
  role: Role;
}>;


export type ChangeRoleMutation = { changeRole: { member: { email: string } | null } };

export type RemoveMemberMutationVariables = Exact<{
  email: string;
}>;


export type RemoveMemberMutation = { removeMember: { email: string } };

export type PrivacyRequestsQueryVariables = Exact<{ [key: string]: never; }>;


export type PrivacyRequestsQuery = { privacyRequests: { edges: Array<{ node: { id: string, kind: PrivacyRequestKind, state: PrivacyRequestState, requestedBy: string, requestedAt: string, finishedAt: string | null, daysRestated: number, erased: Array<{ table: string, rows: number }> } }> } };

export type SuppressPersonMutationVariables = Exact<{
  person: string;
}>;


export type SuppressPersonMutation = { suppressPerson: { request: { id: string } | null } };

export type DeletePersonMutationVariables = Exact<{
  person: string;
}>;


export type DeletePersonMutation = { deletePerson: { request: { id: string } | null } };

export type AuditLogQueryVariables = Exact<{
  after?: string | null | undefined;
  action: string;
}>;


export type AuditLogQuery = { auditLog: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { position: number, at: string, actor: string, action: string, subject: string, details: unknown } }> } };

export type SurveyDefinitionsQueryVariables = Exact<{
  from: string;
}>;


export type SurveyDefinitionsQuery = { surveys: { edges: Array<{ node: { id: string, name: string, kind: SurveyKind, instrument: string, question: string, questionKo: string, asksWhy: boolean, coolDownDays: number, endsAfterDays: number, origins: Array<string>, version: number, responses: { asked: number, answered: number, dismissed: number } } }> }, channels: { edges: Array<{ node: { id: string, name: string, kind: ChannelKind } }> }, segments: { edges: Array<{ node: { id: string, name: string, subject: SegmentSubject } }> }, annotations: { edges: Array<{ node: { id: string, day: string, text: string, kind: AnnotationKind } }> } };

export type CreateSurveyMutationVariables = Exact<{
  survey: CreateSurveyInput;
}>;


export type CreateSurveyMutation = { createSurvey: { survey: { id: string } | null } };

export type UpdateSurveyMutationVariables = Exact<{
  id: string;
  changes: SurveyChanges;
}>;


export type UpdateSurveyMutation = { updateSurvey: { survey: { id: string, version: number } | null } };

export type RetireSurveyMutationVariables = Exact<{
  id: string;
}>;


export type RetireSurveyMutation = { retireSurvey: { survey: { id: string } | null } };

export type StartWaveMutationVariables = Exact<{
  id: string;
  release: string;
  channel: string;
  segment: string;
  atMost: number;
  dryRun: boolean;
}>;


export type StartWaveMutation = { startSurveyWave: { persons: number, asked: number } };

export type SignalsQueryVariables = Exact<{
  acknowledged?: boolean | null | undefined;
  cleared: boolean;
}>;


export type SignalsQuery = { signals: { edges: Array<{ node: { id: string, kind: SignalKind, raisedOn: string, clearedOn: string | null, acknowledgedAt: string | null, acknowledgedBy: string | null, reason: string, evidence: unknown, rule: { name: string, note: string } | null, account:
          | { externalId: string, name: string, owner: string, recurring: Array<{ amount: unknown, currency: string }> }
          | Record<PropertyKey, never>
         | null } }> }, rules: { edges: Array<{ node: { id: string, name: string, kind: SignalKind, coolDownDays: number, note: string } }> } };

export type AcknowledgeSignalMutationVariables = Exact<{
  id: string;
  reason: string;
}>;


export type AcknowledgeSignalMutation = { acknowledgeSignal: { signal: { id: string } | null } };

export type SurveyQueryVariables = Exact<{
  metric: string;
  from: string;
  to: string;
  language: string;
}>;


export type SurveyQuery = { metric: { at: { value: number | null, n: number, day: string, ageDays: number, unit: string, details: unknown, direction: MetricDirection, noInterval: string, unitKo: string, interval: { low: number, high: number, level: number, method: string } | null, compareTo: { difference: number | null, isComparable: boolean } | null, benchmarks: Array<{ statement: string, applies: boolean, standing: BenchmarkStanding | null }> } | null, series: { days: Array<string>, values: Array<number | null>, ns: Array<number>, lows: Array<number | null>, highs: Array<number | null>, restated: Array<string>, annotations: Array<{ day: string, text: string, kind: AnnotationKind }> } } };

export type SurveyWordsQueryVariables = Exact<{
  coverage: string;
  hasCoverage: boolean;
  accounts: string;
}>;


export type SurveyWordsQuery = { metric?: { at: { value: number | null, n: number, details: unknown } | null }, feedbackEntries: { edges: Array<{ node: { id: string, text: string | null, score: number | null, occurredAt: string, instrument: string, tags: Array<string>, account: { externalId: string, name: string } | null } }> }, accounts: { edges: Array<{ node: { externalId: string, name: string, recurring: Array<{ amount: unknown, currency: string }>, metric: { value: number | null, n: number, interval: { low: number, high: number } | null } | null } }> } };

export type TasksQueryVariables = Exact<{
  owner?: string | null | undefined;
  done?: boolean | null | undefined;
  after?: string | null | undefined;
}>;


export type TasksQuery = { tasks: { pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, owner: string, dueOn: string | null, madeAt: string, doneAt: string | null, doneBy: string | null, title: string | null, text: string | null, outcome: string | null, account:
          | { externalId: string, name: string }
          | Record<PropertyKey, never>
         | null, person:
          | { externalId: string | null, name: string | null }
          | Record<PropertyKey, never>
         | null } }> } };

export type CompleteTaskMutationVariables = Exact<{
  id: string;
  outcome: string;
}>;


export type CompleteTaskMutation = { completeTask: { task: { id: string } | null } };

export type WhyDaysQueryVariables = Exact<{
  account: string;
  metric: string;
  from: string;
  to: string;
}>;


export type WhyDaysQuery = { account: { externalId: string, name: string, metric: { day: string, series: { days: Array<string>, values: Array<number | null> } } | null } | null };

export type WhyQueryVariables = Exact<{
  account: string;
  metric: string;
  since: string;
}>;


export type WhyQuery = { account: { metric: { metric: string, value: number | null, day: string, direction: MetricDirection, dataAsOf: string | null, computedAt: string, definitionVersion: number, configurationVersion: number, revision: number, details: unknown, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null, n: number | null, note: string }>, restatements: Array<{ at: string, reason: string, before: number | null, after: number | null }>, explainChange: { since: string, before: number | null, after: number | null, change: number | null, sentence: string, causes: Array<{ kind: ChangeKind, key: string, label: string, change: number, before: number | null, after: number | null, note: string }> } } | null } | null, plugins: Array<{ id: string, config: unknown }>, metric: { definition: { title: string, card: { formula: string, source: string, edgeRules: Array<string>, vanityRisk: string, refreshCadence: string, formulaKo: string, sourceKo: string, edgeRulesKo: Array<string>, vanityRiskKo: string } } } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const CourseFragmentDoc = new TypedDocumentString(`
    fragment Course on MetricValue {
  value
  day
  status
  unit
  unitKo: unit(language: "ko")
  direction
  ageDays
  details
  n
  interval {
    low
    high
  }
  contributions {
    key
    label
    value
    points
    weight
    n
    note
  }
  series(from: $from, to: $to) {
    days
    values
    ns
    lows
    highs
    restated
    definitionVersions
    configurationVersions
    annotations {
      id
      day
      text
      kind
    }
  }
  restatements {
    at
    reason
    before
    after
  }
}
    `, {"fragmentName":"Course"}) as unknown as TypedDocumentString<CourseFragment, unknown>;
export const ReplayFragmentDoc = new TypedDocumentString(`
    fragment Replay on RuleReplay {
  from
  to
  raised
  subjects
  stillOpen
  perWeek
  outcome {
    outcome
    accounts
    warned
    medianDays
    inVain
  }
  signals {
    raisedOn
    evidence
    account: subject {
      ... on Account {
        id
        externalId
        name
      }
    }
  }
}
    `, {"fragmentName":"Replay"}) as unknown as TypedDocumentString<ReplayFragment, unknown>;
export const SessionDocument = new TypedDocumentString(`
    query Session($korean: Boolean! = false) {
  viewer {
    email
    actor
    role
    permissions
    tenants {
      slug
      name
      role
    }
  }
  tenant {
    slug
    name
    timezone
    primaryMetric
  }
  metrics {
    id
    plugin
    category
    subjects
    direction
    title
    titleKo: title(language: "ko")
    unit
    unitKo: unit(language: "ko")
  }
  labels(language: "ko") @include(if: $korean)
}
    `) as unknown as TypedDocumentString<SessionQuery, SessionQueryVariables>;
export const NumbersCameDocument = new TypedDocumentString(`
    subscription NumbersCame {
  runFinished {
    state
    valuesWritten
  }
}
    `) as unknown as TypedDocumentString<NumbersCameSubscription, NumbersCameSubscriptionVariables>;
export const SearchDocument = new TypedDocumentString(`
    query Search($text: String!) {
  accounts(first: 8, where: {search: $text}) {
    edges {
      node {
        externalId
        name
        plan
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SearchQuery, SearchQueryVariables>;
export const AccountFactsDocument = new TypedDocumentString(`
    query AccountFacts($id: ID!, $from: Date!, $to: Date!, $score: ID!) {
  overrides(first: 100, metric: $score) {
    edges {
      node {
        startsOn
        endsOn
        value
        reason
        account {
          externalId
        }
      }
    }
  }
  account(externalId: $id) {
    id
    externalId
    name
    plan
    stage
    startedAt
    owner
    traits
    memberCount
    parent {
      externalId
      name
    }
    children(first: 10) {
      edges {
        node {
          externalId
          name
        }
      }
    }
    renewsOn
    recurring {
      amount
      currency
    }
    subscriptions(first: 10) {
      edges {
        node {
          externalId
          plan
          state
          seats
          monthly {
            amount
            currency
          }
          startsOn
          endsOn
          validFrom
        }
      }
    }
    answers(first: 30) {
      edges {
        node {
          id
          instrument
          givenBy
          occurredAt
          text
          score
          tags
          person {
            name
            externalId
          }
        }
      }
    }
    events(first: 15) {
      edges {
        node {
          name
          occurredAt
          feature
          person {
            name
          }
        }
      }
    }
    goals(first: 10) {
      edges {
        node {
          id
          name
          metric
          target
          due
          progress
          expected
          status
        }
      }
    }
    history {
      attribute
      value
      from
    }
    signals(first: 20, acknowledged: null, cleared: true) {
      edges {
        node {
          id
          kind
          raisedOn
          clearedOn
          acknowledgedBy
          reason
          rule {
            name
          }
        }
      }
    }
    deliveries(first: 20) {
      edges {
        node {
          key
          origin
          name
          channel
          subject
          said
          state
          createdAt
          person {
            name
            externalId
          }
        }
      }
    }
    score: metric(id: $score) {
      ...Course
    }
    metrics {
      metric
      value
      day
      status
      n
      unit
      unitKo: unit(language: "ko")
      direction
      ageDays
      details
      interval {
        low
        high
      }
      sparkline(days: 90) {
        days
        values
      }
    }
  }
}
    fragment Course on MetricValue {
  value
  day
  status
  unit
  unitKo: unit(language: "ko")
  direction
  ageDays
  details
  n
  interval {
    low
    high
  }
  contributions {
    key
    label
    value
    points
    weight
    n
    note
  }
  series(from: $from, to: $to) {
    days
    values
    ns
    lows
    highs
    restated
    definitionVersions
    configurationVersions
    annotations {
      id
      day
      text
      kind
    }
  }
  restatements {
    at
    reason
    before
    after
  }
}`) as unknown as TypedDocumentString<AccountFactsQuery, AccountFactsQueryVariables>;
export const FeatureUseDocument = new TypedDocumentString(`
    query FeatureUse($metric: ID!, $by: String!) {
  metric(id: $metric) {
    at {
      day
      n
      details
    }
    compute(of: {groupBy: $by}) {
      group
      value {
        n
        details
      }
    }
  }
}
    `) as unknown as TypedDocumentString<FeatureUseQuery, FeatureUseQueryVariables>;
export const CourseDocument = new TypedDocumentString(`
    query Course($funnel: ID!, $hasFunnel: Boolean!, $lifecycle: ID!, $hasLifecycle: Boolean!, $d0: Date!, $d1: Date!, $d2: Date!, $d3: Date!, $d4: Date!, $d5: Date!, $d6: Date!, $d7: Date!) {
  funnel: metric(id: $funnel) @include(if: $hasFunnel) {
    at {
      details
    }
  }
  lifecycle: metric(id: $lifecycle) @include(if: $hasLifecycle) {
    w0: at(on: $d0) {
      day
      details
    }
    w1: at(on: $d1) {
      day
      details
    }
    w2: at(on: $d2) {
      day
      details
    }
    w3: at(on: $d3) {
      day
      details
    }
    w4: at(on: $d4) {
      day
      details
    }
    w5: at(on: $d5) {
      day
      details
    }
    w6: at(on: $d6) {
      day
      details
    }
    w7: at(on: $d7) {
      day
      details
    }
  }
}
    `) as unknown as TypedDocumentString<CourseQuery, CourseQueryVariables>;
export const BookDocument = new TypedDocumentString(`
    query Book($first: Int!, $after: String, $where: AccountFilter, $order: AccountOrder, $score: ID!, $worth: ID!) {
  accounts(first: $first, after: $after, where: $where, orderBy: $order) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        externalId
        name
        plan
        stage
        owner
        renewsOn
        worth: metric(id: $worth) {
          value
          unit
          unitKo: unit(language: "ko")
          details
        }
        metric(id: $score) {
          value
          day
          status
          ageDays
          direction
          details
          contributions {
            key
            label
            value
            points
            weight
          }
          sparkline(days: 90) {
            days
            values
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<BookQuery, BookQueryVariables>;
export const CohortsDocument = new TypedDocumentString(`
    query Cohorts($metric: ID!) {
  metric(id: $metric) {
    at {
      value
      n
      day
      ageDays
      unit
      unitKo: unit(language: "ko")
      details
      interval {
        low
        high
        level
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CohortsQuery, CohortsQueryVariables>;
export const CohortMembersDocument = new TypedDocumentString(`
    query CohortMembers($metric: ID!, $on: Date!, $cohort: Date!, $offset: Int!, $cameBack: Boolean, $after: String) {
  cohortMembers(
    metric: $metric
    on: $on
    cohort: $cohort
    offset: $offset
    cameBack: $cameBack
    first: 50
    after: $after
  ) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        cameBack
        person {
          externalId
          name
          accounts(first: 1) {
            edges {
              node {
                account {
                  externalId
                  name
                }
              }
            }
          }
        }
        account {
          externalId
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CohortMembersQuery, CohortMembersQueryVariables>;
export const RunsDocument = new TypedDocumentString(`
    query Runs($states: [RunState!], $restates: Boolean) {
  runs(first: 50, where: {state: $states, restates: $restates}) {
    edges {
      node {
        id
        plugin
        on
        state
        reason
        attempt
        scheduledFor
        startedAt
        finishedAt
        valuesWritten
        error
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RunsQuery, RunsQueryVariables>;
export const AgesDocument = new TypedDocumentString(`
    query Ages {
  metrics {
    id
    schedule
    latest {
      day
      computedAt
      dataAsOf
      ageDays
    }
  }
}
    `) as unknown as TypedDocumentString<AgesQuery, AgesQueryVariables>;
export const RejectsDocument = new TypedDocumentString(`
    query Rejects {
  quarantine(first: 50) {
    edges {
      node {
        id
        code
        message
        source
        protocol
        receivedAt
      }
    }
  }
  sources(first: 50) {
    edges {
      node {
        name
        side
        environment
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RejectsQuery, RejectsQueryVariables>;
export const EventReceivedDocument = new TypedDocumentString(`
    subscription EventReceived {
  eventReceived {
    name
    source
    occurredAt
    receivedAt
    account {
      externalId
      name
    }
  }
}
    `) as unknown as TypedDocumentString<EventReceivedSubscription, EventReceivedSubscriptionVariables>;
export const MetricsDocument = new TypedDocumentString(`
    query Metrics($from: Date!, $to: Date!) {
  metrics {
    id
    latest {
      value
      day
      n
      unit
      unitKo: unit(language: "ko")
      direction
      details
      ageDays
      interval {
        low
        high
      }
      series(from: $from, to: $to, grain: WEEK) {
        days
        values
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MetricsQuery, MetricsQueryVariables>;
export const MetricDocument = new TypedDocumentString(`
    query Metric($id: ID!, $from: Date!, $to: Date!, $language: String!) {
  metric(id: $id) {
    definition {
      card {
        formula
        formulaKo: formula(language: "ko")
        sourceKo: source(language: "ko")
        source
        edgeRules
        edgeRulesKo: edgeRules(language: "ko")
        vanityRisk
        vanityRiskKo: vanityRisk(language: "ko")
        refreshCadence
      }
    }
    at {
      value
      day
      status
      n
      unit
      unitKo: unit(language: "ko")
      direction
      ageDays
      details
      noInterval
      interval {
        low
        high
        level
        method
      }
      contributions {
        key
        label
        value
        points
        weight
        n
        note
      }
      benchmarks {
        statement(language: $language)
        source(language: $language)
        published
        verified
        low
        high
        unit
        applies
        standing
      }
      trend {
        state
        perWeek
        p
      }
      anomaly {
        state
        expected
        low
        high
        z
        since
      }
      restatements {
        at
        reason
        before
        after
      }
    }
    series(from: $from, to: $to) {
      days
      values
      ns
      lows
      highs
      restated
      definitionVersions
      configurationVersions
      annotations {
        id
        day
        text
        kind
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MetricQuery, MetricQueryVariables>;
export const MetricGroupsDocument = new TypedDocumentString(`
    query MetricGroups($id: ID!, $by: String!) {
  metric(id: $id) {
    compareGroups(by: $by) {
      group
      state
      difference
      low
      high
      pAdjusted
      value {
        value
        n
        unit
        unitKo: unit(language: "ko")
        details
        interval {
          low
          high
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MetricGroupsQuery, MetricGroupsQueryVariables>;
export const MetricAccountsDocument = new TypedDocumentString(`
    query MetricAccounts($id: ID!) {
  accounts(first: 25, orderBy: {metric: {id: $id}}) {
    edges {
      node {
        externalId
        name
        plan
        metric(id: $id) {
          value
          n
          unit
          unitKo: unit(language: "ko")
          details
          direction
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MetricAccountsQuery, MetricAccountsQueryVariables>;
export const MovedDocument = new TypedDocumentString(`
    query Moved($days: Int!) {
  whatMoved(days: $days, first: 12) {
    edges {
      node {
        metric
        day
        value
        since
        days
        isOngoing
        comparedWith
        anomaly {
          state
          expected
          low
          high
        }
        segments(first: 3) {
          edges {
            node {
              segment {
                name
              }
              value
              anomaly {
                expected
              }
            }
          }
        }
        movers(first: 5) {
          edges {
            node {
              label
              before
              after
              change
              account {
                externalId
                name
                recurring {
                  amount
                  currency
                }
              }
            }
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MovedQuery, MovedQueryVariables>;
export const LossesDocument = new TypedDocumentString(`
    query Losses($risk: ID!, $worth: ID!, $from: Date!, $to: Date!) {
  accounts(first: 100, orderBy: {atStake: {risk: $risk, worth: $worth}}) {
    edges {
      node {
        externalId
        name
        stage
        owner
        recurring {
          amount
          currency
        }
        metric(id: $risk) {
          value
          day
          direction
          details
          series(from: $from, to: $to) {
            days
            values
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<LossesQuery, LossesQueryVariables>;
export const ChannelsDocument = new TypedDocumentString(`
    query Channels {
  channels(first: 100) {
    edges {
      node {
        id
        number
        name
        kind
        url
        to
        perMinute
      }
    }
  }
  deliveries(first: 25) {
    edges {
      node {
        id
        cause
        subject
        state
        attempts
        createdAt
        log {
          said
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ChannelsQuery, ChannelsQueryVariables>;
export const CreateChannelDocument = new TypedDocumentString(`
    mutation CreateChannel($channel: CreateChannelInput!) {
  createChannel(input: $channel) {
    secret
    channel {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreateChannelMutation, CreateChannelMutationVariables>;
export const TryChannelDocument = new TypedDocumentString(`
    mutation TryChannel($id: ID!) {
  tryChannel(input: {id: $id}) {
    delivery {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<TryChannelMutation, TryChannelMutationVariables>;
export const RetireChannelDocument = new TypedDocumentString(`
    mutation RetireChannel($id: ID!) {
  retireChannel(input: {id: $id}) {
    channel {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<RetireChannelMutation, RetireChannelMutationVariables>;
export const PlaybooksDocument = new TypedDocumentString(`
    query Playbooks {
  playbooks(first: 25) {
    edges {
      node {
        id
        name
        enabled
        steps
        holdOut
        coolDownDays
        hours
        note
        version
        audience
        rule {
          id
          name
        }
      }
    }
  }
  rules(first: 50) {
    edges {
      node {
        id
        name
        kind
        trigger
        subjectKind
        minimumN
        coolDownDays
        segment {
          id
          name
          size
        }
      }
    }
  }
  channels(first: 50) {
    edges {
      node {
        id
        number
        name
        kind
      }
    }
  }
  segments(first: 50) {
    edges {
      node {
        number
        name
        subject
        tracked
        isStatic
      }
    }
  }
  surveys(first: 50) {
    edges {
      node {
        number
        name
      }
    }
  }
  accounts(first: 1, where: {stage: [CUSTOMER]}) {
    totalCount
  }
}
    `) as unknown as TypedDocumentString<PlaybooksQuery, PlaybooksQueryVariables>;
export const UpliftDocument = new TypedDocumentString(`
    query Uplift($id: ID!) {
  node(id: $id) {
    ... on Playbook {
      uplift {
        days
        difference
        low
        high
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UpliftQuery, UpliftQueryVariables>;
export const PlaybookPresetsDocument = new TypedDocumentString(`
    query PlaybookPresets {
  playbookPresets {
    name
    title
    titleKo
    why
    whyKo
    needs
  }
  eventNames(first: 100) {
    edges {
      node {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PlaybookPresetsQuery, PlaybookPresetsQueryVariables>;
export const PreviewDocument = new TypedDocumentString(`
    query Preview($subject: String!, $text: String!, $account: ID!) {
  messagePreview(subject: $subject, text: $text, account: $account) {
    subject
    text
  }
}
    `) as unknown as TypedDocumentString<PreviewQuery, PreviewQueryVariables>;
export const CreatePlaybookDocument = new TypedDocumentString(`
    mutation CreatePlaybook($playbook: CreatePlaybookInput!) {
  createPlaybook(input: $playbook) {
    playbook {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreatePlaybookMutation, CreatePlaybookMutationVariables>;
export const UpdatePlaybookDocument = new TypedDocumentString(`
    mutation UpdatePlaybook($id: ID!, $changes: PlaybookChanges!) {
  updatePlaybook(input: {id: $id, changes: $changes}) {
    playbook {
      id
      enabled
    }
  }
}
    `) as unknown as TypedDocumentString<UpdatePlaybookMutation, UpdatePlaybookMutationVariables>;
export const RetirePlaybookDocument = new TypedDocumentString(`
    mutation RetirePlaybook($id: ID!) {
  retirePlaybook(input: {id: $id}) {
    playbook {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<RetirePlaybookMutation, RetirePlaybookMutationVariables>;
export const ApplyPresetDocument = new TypedDocumentString(`
    mutation ApplyPreset($name: String!, $channel: ID!, $after: String, $event: String, $link: String) {
  applyPlaybookPreset(
    input: {name: $name, channel: $channel, after: $after, event: $event, link: $link}
  ) {
    playbook {
      id
      name
    }
  }
}
    `) as unknown as TypedDocumentString<ApplyPresetMutation, ApplyPresetMutationVariables>;
export const ReportsDocument = new TypedDocumentString(`
    query Reports {
  reports(first: 50) {
    edges {
      node {
        id
        name
        kind
        metrics
        quotes
        every
        language
      }
    }
  }
  shares(first: 50) {
    edges {
      node {
        id
        name
        kind
        metrics
        goals
        language
        endsOn
        address
      }
    }
  }
  channels(first: 50) {
    edges {
      node {
        id
        name
        kind
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ReportsQuery, ReportsQueryVariables>;
export const WrittenReportDocument = new TypedDocumentString(`
    query WrittenReport($id: ID!) {
  node(id: $id) {
    ... on Report {
      written {
        day
        html
        csv
        text
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WrittenReportQuery, WrittenReportQueryVariables>;
export const AccountChoicesDocument = new TypedDocumentString(`
    query AccountChoices($text: String!) {
  accounts(first: 8, where: {search: $text}) {
    edges {
      node {
        id
        externalId
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AccountChoicesQuery, AccountChoicesQueryVariables>;
export const CreateReportDocument = new TypedDocumentString(`
    mutation CreateReport($report: CreateReportInput!) {
  createReport(input: $report) {
    report {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreateReportMutation, CreateReportMutationVariables>;
export const RetireReportDocument = new TypedDocumentString(`
    mutation RetireReport($id: ID!) {
  retireReport(input: {id: $id}) {
    report {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<RetireReportMutation, RetireReportMutationVariables>;
export const CreateShareDocument = new TypedDocumentString(`
    mutation CreateShare($share: CreateShareInput!) {
  createShare(input: $share) {
    share {
      id
      address
    }
  }
}
    `) as unknown as TypedDocumentString<CreateShareMutation, CreateShareMutationVariables>;
export const RevokeShareDocument = new TypedDocumentString(`
    mutation RevokeShare($id: ID!) {
  revokeShare(input: {id: $id}) {
    share {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<RevokeShareMutation, RevokeShareMutationVariables>;
export const RulesDocument = new TypedDocumentString(`
    query Rules {
  rules(first: 100) {
    edges {
      node {
        id
        name
        kind
        trigger
        minimumN
        coolDownDays
        note
        version
        segment {
          id
          number
          name
          size
        }
        notify {
          id
          name
        }
      }
    }
  }
  segments(first: 100) {
    edges {
      node {
        id
        number
        name
        subject
        tracked
        isStatic
      }
    }
  }
  channels(first: 100) {
    edges {
      node {
        id
        number
        name
        kind
      }
    }
  }
  eventNames(first: 100) {
    edges {
      node {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RulesQuery, RulesQueryVariables>;
export const TryRuleDocument = new TypedDocumentString(`
    mutation TryRule($rule: CreateRuleInput!) {
  createRule(input: $rule) {
    replay {
      ...Replay
    }
  }
}
    fragment Replay on RuleReplay {
  from
  to
  raised
  subjects
  stillOpen
  perWeek
  outcome {
    outcome
    accounts
    warned
    medianDays
    inVain
  }
  signals {
    raisedOn
    evidence
    account: subject {
      ... on Account {
        id
        externalId
        name
      }
    }
  }
}`) as unknown as TypedDocumentString<TryRuleMutation, TryRuleMutationVariables>;
export const CreateRuleDocument = new TypedDocumentString(`
    mutation CreateRule($rule: CreateRuleInput!) {
  createRule(input: $rule) {
    rule {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreateRuleMutation, CreateRuleMutationVariables>;
export const UpdateRuleDocument = new TypedDocumentString(`
    mutation UpdateRule($id: ID!, $changes: RuleChanges!) {
  updateRule(input: {id: $id, changes: $changes}) {
    rule {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<UpdateRuleMutation, UpdateRuleMutationVariables>;
export const RetireRuleDocument = new TypedDocumentString(`
    mutation RetireRule($id: ID!) {
  retireRule(input: {id: $id}) {
    rule {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<RetireRuleMutation, RetireRuleMutationVariables>;
export const SetupAuditDocument = new TypedDocumentString(`
    query SetupAudit {
  plugins {
    id
    enabled
  }
  setupAudit {
    shareDone
    items {
      key
      title
      titleKo: title(language: "ko")
      why
      whyKo: why(language: "ko")
      state
      found
      foundKo: found(language: "ko")
      remedy
      remedyKo: remedy(language: "ko")
    }
  }
  bundles {
    name
    title
    titleKo: title(language: "ko")
    plugins
    missing
    cadence
  }
}
    `) as unknown as TypedDocumentString<SetupAuditQuery, SetupAuditQueryVariables>;
export const PluginsDocument = new TypedDocumentString(`
    query Plugins {
  plugins {
    id
    version
    enabled
    title
    titleKo: title(language: "ko")
    problem
    waits
    lifecycle
  }
}
    `) as unknown as TypedDocumentString<PluginsQuery, PluginsQueryVariables>;
export const PluginFormDocument = new TypedDocumentString(`
    query PluginForm($language: String!) {
  plugins {
    id
    version
    enabled
    configurationVersion
    config
    problem
    waits
    schema(language: $language)
    title
    titleKo: title(language: "ko")
    reads
    homepage
  }
}
    `) as unknown as TypedDocumentString<PluginFormQuery, PluginFormQueryVariables>;
export const ConfigurePluginDocument = new TypedDocumentString(`
    mutation ConfigurePlugin($plugin: ID!, $changes: JSON!, $version: Int, $dryRun: Boolean!) {
  configurePlugin(
    input: {plugin: $plugin, changes: $changes, expectedVersion: $version, dryRun: $dryRun}
  ) {
    plugin {
      id
      configurationVersion
    }
    restated {
      from
      to
      days
    }
    effects @include(if: $dryRun) {
      to
      metrics {
        metric
        values
        changed
        lastDay(first: 20) {
          edges {
            node {
              subjectKind
              before
              after
              bandBefore
              bandAfter
              account: subject {
                ... on Account {
                  externalId
                  name
                }
              }
            }
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ConfigurePluginMutation, ConfigurePluginMutationVariables>;
export const EnablePluginDocument = new TypedDocumentString(`
    mutation EnablePlugin($id: ID!) {
  enablePlugin(input: {plugin: $id, agree: true}) {
    plugin {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<EnablePluginMutation, EnablePluginMutationVariables>;
export const DisablePluginDocument = new TypedDocumentString(`
    mutation DisablePlugin($id: ID!) {
  disablePlugin(input: {plugin: $id}) {
    plugin {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<DisablePluginMutation, DisablePluginMutationVariables>;
export const ApplyBundleDocument = new TypedDocumentString(`
    mutation ApplyBundle($name: String!, $dryRun: Boolean!) {
  applyBundle(input: {name: $name, agree: true, dryRun: $dryRun}) {
    plan {
      applied
      cadence
      preset
      segments
      steps {
        plugin
        missing
        enables
        changes
        reads
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ApplyBundleMutation, ApplyBundleMutationVariables>;
export const EventNamesDocument = new TypedDocumentString(`
    query EventNames($search: String, $after: String) {
  eventNames(first: 50, after: $after, search: $search) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        name
        eventClass
        polarity
        weight
        feature
        isKey
        firstDay
        lastDay
        volume
      }
    }
  }
  eventNameProblems(first: 10) {
    edges {
      node {
        name
        fault
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EventNamesQuery, EventNamesQueryVariables>;
export const UpdateEventNameDocument = new TypedDocumentString(`
    mutation UpdateEventName($name: String!, $changes: EventNameChanges!) {
  updateEventName(input: {name: $name, changes: $changes}) {
    eventName {
      name
    }
  }
}
    `) as unknown as TypedDocumentString<UpdateEventNameMutation, UpdateEventNameMutationVariables>;
export const SegmentSizeDocument = new TypedDocumentString(`
    query SegmentSize($subject: SegmentSubject!, $condition: JSON!) {
  segmentSize(subject: $subject, condition: $condition)
}
    `) as unknown as TypedDocumentString<SegmentSizeQuery, SegmentSizeQueryVariables>;
export const CreateSegmentDocument = new TypedDocumentString(`
    mutation CreateSegment($segment: CreateSegmentInput!) {
  createSegment(input: $segment) {
    segment {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreateSegmentMutation, CreateSegmentMutationVariables>;
export const RetireSegmentDocument = new TypedDocumentString(`
    mutation RetireSegment($id: ID!) {
  retireSegment(input: {id: $id}) {
    segment {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<RetireSegmentMutation, RetireSegmentMutationVariables>;
export const SegmentsDocument = new TypedDocumentString(`
    query Segments {
  eventNames(first: 100) {
    edges {
      node {
        name
      }
    }
  }
  segments(first: 50) {
    edges {
      node {
        id
        name
        subject
        description
        condition
        isStatic
        tracked
        version
        author
        size
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SegmentsQuery, SegmentsQueryVariables>;
export const GoalsDocument = new TypedDocumentString(`
    query Goals {
  goals(first: 100) {
    edges {
      node {
        id
        name
        metric
        target
        due
        progress
        status
        current {
          value
          unit
        }
        account {
          externalId
          name
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<GoalsQuery, GoalsQueryVariables>;
export const CreateGoalDocument = new TypedDocumentString(`
    mutation CreateGoal($goal: CreateGoalInput!) {
  createGoal(input: $goal) {
    goal {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreateGoalMutation, CreateGoalMutationVariables>;
export const RetireGoalDocument = new TypedDocumentString(`
    mutation RetireGoal($id: ID!) {
  retireGoal(input: {id: $id}) {
    goal {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<RetireGoalMutation, RetireGoalMutationVariables>;
export const KeysDocument = new TypedDocumentString(`
    query Keys {
  keys(first: 100) {
    edges {
      node {
        publicId
        kind
        name
        source
        prefix
        lastFour
        createdAt
        expiresAt
        lastUsedAt
        revokedAt
        inForce
        unused
      }
    }
  }
}
    `) as unknown as TypedDocumentString<KeysQuery, KeysQueryVariables>;
export const CreateKeyDocument = new TypedDocumentString(`
    mutation CreateKey($key: CreateKeyInput!) {
  createKey(input: $key) {
    text
  }
}
    `) as unknown as TypedDocumentString<CreateKeyMutation, CreateKeyMutationVariables>;
export const RevokeKeyDocument = new TypedDocumentString(`
    mutation RevokeKey($id: ID!) {
  revokeKey(input: {id: $id}) {
    key {
      publicId
    }
  }
}
    `) as unknown as TypedDocumentString<RevokeKeyMutation, RevokeKeyMutationVariables>;
export const MembersDocument = new TypedDocumentString(`
    query Members {
  members(first: 100) {
    edges {
      node {
        actor
        email
        role
        since
        signedInAt
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MembersQuery, MembersQueryVariables>;
export const InviteMemberDocument = new TypedDocumentString(`
    mutation InviteMember($email: String!, $role: Role!) {
  inviteMember(input: {email: $email, role: $role}) {
    member {
      email
    }
  }
}
    `) as unknown as TypedDocumentString<InviteMemberMutation, InviteMemberMutationVariables>;
export const ChangeRoleDocument = new TypedDocumentString(`
    mutation ChangeRole($email: String!, $role: Role!) {
  changeRole(input: {email: $email, role: $role}) {
    member {
      email
    }
  }
}
    `) as unknown as TypedDocumentString<ChangeRoleMutation, ChangeRoleMutationVariables>;
export const RemoveMemberDocument = new TypedDocumentString(`
    mutation RemoveMember($email: String!) {
  removeMember(input: {email: $email}) {
    email
  }
}
    `) as unknown as TypedDocumentString<RemoveMemberMutation, RemoveMemberMutationVariables>;
export const PrivacyRequestsDocument = new TypedDocumentString(`
    query PrivacyRequests {
  privacyRequests(first: 100) {
    edges {
      node {
        id
        kind
        state
        requestedBy
        requestedAt
        finishedAt
        daysRestated
        erased {
          table
          rows
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PrivacyRequestsQuery, PrivacyRequestsQueryVariables>;
export const SuppressPersonDocument = new TypedDocumentString(`
    mutation SuppressPerson($person: ID!) {
  suppressPerson(input: {person: $person}) {
    request {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<SuppressPersonMutation, SuppressPersonMutationVariables>;
export const DeletePersonDocument = new TypedDocumentString(`
    mutation DeletePerson($person: ID!) {
  deletePerson(input: {person: $person}) {
    request {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<DeletePersonMutation, DeletePersonMutationVariables>;
export const AuditLogDocument = new TypedDocumentString(`
    query AuditLog($after: String, $action: String!) {
  auditLog(first: 50, after: $after, action: $action) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        position
        at
        actor
        action
        subject
        details
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AuditLogQuery, AuditLogQueryVariables>;
export const SurveyDefinitionsDocument = new TypedDocumentString(`
    query SurveyDefinitions($from: Date!) {
  surveys(first: 50) {
    edges {
      node {
        id
        name
        kind
        instrument
        question
        questionKo
        asksWhy
        coolDownDays
        endsAfterDays
        origins
        version
        responses {
          asked
          answered
          dismissed
        }
      }
    }
  }
  channels(first: 50) {
    edges {
      node {
        id
        name
        kind
      }
    }
  }
  segments(first: 50) {
    edges {
      node {
        id
        name
        subject
      }
    }
  }
  annotations(first: 50, from: $from) {
    edges {
      node {
        id
        day
        text
        kind
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SurveyDefinitionsQuery, SurveyDefinitionsQueryVariables>;
export const CreateSurveyDocument = new TypedDocumentString(`
    mutation CreateSurvey($survey: CreateSurveyInput!) {
  createSurvey(input: $survey) {
    survey {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CreateSurveyMutation, CreateSurveyMutationVariables>;
export const UpdateSurveyDocument = new TypedDocumentString(`
    mutation UpdateSurvey($id: ID!, $changes: SurveyChanges!) {
  updateSurvey(input: {id: $id, changes: $changes}) {
    survey {
      id
      version
    }
  }
}
    `) as unknown as TypedDocumentString<UpdateSurveyMutation, UpdateSurveyMutationVariables>;
export const RetireSurveyDocument = new TypedDocumentString(`
    mutation RetireSurvey($id: ID!) {
  retireSurvey(input: {id: $id}) {
    survey {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<RetireSurveyMutation, RetireSurveyMutationVariables>;
export const StartWaveDocument = new TypedDocumentString(`
    mutation StartWave($id: ID!, $release: ID!, $channel: ID!, $segment: ID!, $atMost: Int!, $dryRun: Boolean!) {
  startSurveyWave(
    input: {id: $id, release: $release, channel: $channel, segment: $segment, atMost: $atMost, dryRun: $dryRun}
  ) {
    persons
    asked
  }
}
    `) as unknown as TypedDocumentString<StartWaveMutation, StartWaveMutationVariables>;
export const SignalsDocument = new TypedDocumentString(`
    query Signals($acknowledged: Boolean, $cleared: Boolean!) {
  signals(first: 50, acknowledged: $acknowledged, cleared: $cleared) {
    edges {
      node {
        id
        kind
        raisedOn
        clearedOn
        acknowledgedAt
        acknowledgedBy
        reason
        evidence
        rule {
          name
          note
        }
        account: subject {
          ... on Account {
            externalId
            name
            owner
            recurring {
              amount
              currency
            }
          }
        }
      }
    }
  }
  rules(first: 50) {
    edges {
      node {
        id
        name
        kind
        coolDownDays
        note
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SignalsQuery, SignalsQueryVariables>;
export const AcknowledgeSignalDocument = new TypedDocumentString(`
    mutation AcknowledgeSignal($id: ID!, $reason: String!) {
  acknowledgeSignal(input: {id: $id, reason: $reason}) {
    signal {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<AcknowledgeSignalMutation, AcknowledgeSignalMutationVariables>;
export const SurveyDocument = new TypedDocumentString(`
    query Survey($metric: ID!, $from: Date!, $to: Date!, $language: String!) {
  metric(id: $metric) {
    at {
      value
      n
      day
      ageDays
      unit
      unitKo: unit(language: "ko")
      details
      direction
      noInterval
      interval {
        low
        high
        level
        method
      }
      compareTo(on: $from) {
        difference
        isComparable
      }
      benchmarks {
        statement(language: $language)
        applies
        standing
      }
    }
    series(from: $from, to: $to) {
      days
      values
      ns
      lows
      highs
      restated
      annotations {
        day
        text
        kind
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SurveyQuery, SurveyQueryVariables>;
export const SurveyWordsDocument = new TypedDocumentString(`
    query SurveyWords($coverage: ID!, $hasCoverage: Boolean!, $accounts: ID!) {
  metric(id: $coverage) @include(if: $hasCoverage) {
    at {
      value
      n
      details
    }
  }
  feedbackEntries(first: 20) {
    edges {
      node {
        id
        text
        score
        occurredAt
        instrument
        tags
        account {
          externalId
          name
        }
      }
    }
  }
  accounts(
    first: 10
    where: {stage: [CUSTOMER]}
    orderBy: {metric: {id: $accounts, bestFirst: false}}
  ) {
    edges {
      node {
        externalId
        name
        recurring {
          amount
          currency
        }
        metric(id: $accounts) {
          value
          n
          interval {
            low
            high
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SurveyWordsQuery, SurveyWordsQueryVariables>;
export const TasksDocument = new TypedDocumentString(`
    query Tasks($owner: String, $done: Boolean, $after: String) {
  tasks(first: 50, owner: $owner, done: $done, after: $after) {
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        id
        owner
        dueOn
        madeAt
        doneAt
        doneBy
        title
        text
        outcome
        account: subject {
          ... on Account {
            externalId
            name
          }
        }
        person: subject {
          ... on Person {
            externalId
            name
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<TasksQuery, TasksQueryVariables>;
export const CompleteTaskDocument = new TypedDocumentString(`
    mutation CompleteTask($id: ID!, $outcome: String!) {
  completeTask(input: {id: $id, outcome: $outcome}) {
    task {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<CompleteTaskMutation, CompleteTaskMutationVariables>;
export const WhyDaysDocument = new TypedDocumentString(`
    query WhyDays($account: ID!, $metric: ID!, $from: Date!, $to: Date!) {
  account(externalId: $account) {
    externalId
    name
    metric(id: $metric) {
      day
      series(from: $from, to: $to) {
        days
        values
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WhyDaysQuery, WhyDaysQueryVariables>;
export const WhyDocument = new TypedDocumentString(`
    query Why($account: ID!, $metric: ID!, $since: Date!) {
  account(externalId: $account) {
    metric(id: $metric) {
      metric
      value
      day
      direction
      dataAsOf
      computedAt
      definitionVersion
      configurationVersion
      revision
      details
      contributions {
        key
        label
        value
        points
        weight
        n
        note
      }
      restatements {
        at
        reason
        before
        after
      }
      explainChange(since: $since) {
        since
        before
        after
        change
        sentence
        causes {
          kind
          key
          label
          change
          before
          after
          note
        }
      }
    }
  }
  plugins {
    id
    config
  }
  metric(id: $metric) {
    definition {
      title
      card {
        formula
        formulaKo: formula(language: "ko")
        sourceKo: source(language: "ko")
        source
        edgeRules
        edgeRulesKo: edgeRules(language: "ko")
        vanityRisk
        vanityRiskKo: vanityRisk(language: "ko")
        refreshCadence
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WhyQuery, WhyQueryVariables>;