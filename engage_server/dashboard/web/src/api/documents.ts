// Written by `make dashboard` from the documents beside the views; never by hand.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Those accounts alone for which all that is given holds; of a list one of it, of an empty list nothing. */
export type AccountFilter = {
  /** What the tenant itself calls them. */
  externalIds?: Array<string> | null | undefined;
  /** Global ids; one that names no account of the tenant finds nothing. */
  ids?: Array<string> | null | undefined;
  /** What their values are; all of these. */
  metrics?: Array<MetricCondition> | null | undefined;
  /** Who looks after them. Without `personal:read` a person's name finds nothing. */
  owner?: Array<string> | null | undefined;
  /** Global id of the account that they are directly below. */
  parent?: string | null | undefined;
  /** Their plans. */
  plan?: Array<string> | null | undefined;
  /** Part of the name or of the external id, upper and lower case being one. */
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

/** OLDEST and NEWEST: by when they came in. NAME: by name, else by external id. STARTED: by `startedAt`; what is not known comes last. */
export type AccountSort =
  | 'NAME'
  | 'NAME_DESCENDING'
  | 'NEWEST'
  | 'OLDEST'
  | 'STARTED'
  | 'STARTED_DESCENDING';

/** Lifecycle stage. */
export type AccountStage =
  | 'CHURNED'
  | 'CUSTOMER'
  | 'LEAD'
  | 'TRIAL';

/** What kind of thing happened. */
export type AnnotationKind =
  | 'INCIDENT'
  | 'MARKETING'
  | 'OTHER'
  | 'RELEASE';

/** Whether a value is unusual, or why that is not known. NORMAL: as usual on this weekday. HIGH: unusually high. LOW: unusually low. SHORT_HISTORY: less than four weeks of values, or too few of this weekday, so nothing is judged. FEW: the history, or the value, rests on fewer than 10. NO_VALUE: the day has no value that is whole. */
export type AnomalyState =
  | 'FEW'
  | 'HIGH'
  | 'LOW'
  | 'NORMAL'
  | 'NO_VALUE'
  | 'SHORT_HISTORY';

/** Where a value lies against the bounds, both of which belong to WITHIN; the direction says what is good. */
export type BenchmarkStanding =
  | 'ABOVE'
  | 'BELOW'
  | 'WITHIN';

/** Why a value changed. MOVED: A part's, or a member's, own value moved. WEIGHT: A part weighs more or less than before. CONFIGURATION: The configuration changed, and with it a weight or a value that was stored. DEFINITION: The metric's definition changed; values of two definitions cannot be split further. CAME: A part that was missing has a value. WENT: A part that had a value is missing. REWEIGHTED: A part weighs more or less because another one came or went. LIMIT: A cap or an override began, ended or moved. LATE_DATA: What had been stored for the earlier day was corrected, by data that came late or were mended. ERASED_DATA: What had been stored for the earlier day was corrected after an erasure. JOINED: A member that was not counted before. LEFT: A member that is not counted any more. OTHER: What the value's parts do not explain. */
export type ChangeKind =
  | 'CAME'
  | 'CONFIGURATION'
  | 'DEFINITION'
  | 'ERASED_DATA'
  | 'JOINED'
  | 'LATE_DATA'
  | 'LEFT'
  | 'LIMIT'
  | 'MOVED'
  | 'OTHER'
  | 'REWEIGHTED'
  | 'WEIGHT'
  | 'WENT';

/** Whose words these are: a customer's, or those of the tenant's own people about one. */
export type FeedbackGivenBy =
  | 'CUSTOMER'
  | 'STAFF';

/** AHEAD and BEHIND compare the share of the way with the share of the time; MISSED: due and not reached. */
export type GoalStatus =
  | 'AHEAD'
  | 'BEHIND'
  | 'MISSED'
  | 'NO_DATA'
  | 'REACHED';

/** How a group lies to all others together. AT_RISK: worse than the others by more than chance. THRIVING: better than the others by more than chance. APART: other than the others by more than chance, where neither way is better. LIKE_OTHERS: what lies between them may be chance. UNTESTED: it has no value or no interval, rests on fewer than 10, or there is nothing to hold it against. */
export type GroupState =
  | 'APART'
  | 'AT_RISK'
  | 'LIKE_OTHERS'
  | 'THRIVING'
  | 'UNTESTED';

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
  | 'DOWN'
  | 'TARGET'
  | 'UP'
  | 'VARIES';

/** Accounts by their value of a metric; who has none comes last. */
export type MetricOrder = {
  /** Else the worst first, by the metric's direction; the lowest where neither way is worse. */
  bestFirst?: boolean;
  /** The metric's full id, such as `nps.score`. */
  id: string;
};

export type MetricStatus =
  | 'IMMATURE'
  | 'NO_DATA'
  | 'OK'
  | 'PARTIAL'
  | 'SUPPRESSED';

/** What a person is in a tenant, the mightiest first. */
export type Role =
  | 'ADMIN'
  | 'ANALYST'
  | 'OWNER'
  | 'VIEWER';

/** Accounts by what is at stake: how bad the value of one metric is, times the value of another. Who lacks one of them comes last. */
export type StakeOrder = {
  /** Instead of the distance to the best: how much worse it became in so many days, 0 where it did not. */
  days?: number | null | undefined;
  /** Full id of what is bad, such as `health_score.score`: the distance to the best of all accounts. */
  risk: string;
  /** Full id of what it is worth, such as `revenue.mrr`. */
  worth: string;
};

/** How a subscription stands on a day. UPCOMING: it begins later. TRIAL and PAID: it runs. IDLE: it is not paid for, or not to be used. ENDED: it is over. */
export type SubscriptionState =
  | 'ENDED'
  | 'IDLE'
  | 'PAID'
  | 'TRIAL'
  | 'UPCOMING';

/** That a trait of an account has a value. */
export type TraitCondition = {
  /** The value: text, number, boolean or null. */
  equals: unknown;
  /** The trait's name, as in `traits`. */
  name: string;
};

/** Which way a series goes. RISING: it rises by more than chance. FALLING: it falls by more than chance. FLAT: what it moved may be chance. SHORT_HISTORY: less than four weeks of values. */
export type TrendState =
  | 'FALLING'
  | 'FLAT'
  | 'RISING'
  | 'SHORT_HISTORY';

export type SessionQueryVariables = Exact<{ [key: string]: never; }>;


export type SessionQuery = { viewer: { email: string | null, actor: string, role: Role | null, permissions: Array<string>, tenants: Array<{ slug: string, name: string, role: Role | null }> }, tenant: { slug: string, name: string, timezone: string, primaryMetric: string | null }, metrics: Array<{ id: string, plugin: string, category: string, subjects: Array<string>, direction: MetricDirection, title: string, unit: string, titleKo: string, unitKo: string }> };

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


export type AccountFactsQuery = { account: { externalId: string, name: string, plan: string, stage: AccountStage, startedAt: string | null, owner: string, traits: unknown, memberCount: number, renewsOn: string | null, parent: { externalId: string, name: string } | null, children: { edges: Array<{ node: { externalId: string, name: string } }> }, recurring: Array<{ amount: unknown, currency: string }>, subscriptions: { edges: Array<{ node: { externalId: string, plan: string, state: SubscriptionState, seats: number | null, startsOn: string, endsOn: string | null, validFrom: string | null, monthly: { amount: unknown, currency: string } } }> }, answers: { edges: Array<{ node: { id: string, instrument: string, givenBy: FeedbackGivenBy, occurredAt: string, text: string | null, score: number | null, tags: Array<string>, person: { name: string | null, externalId: string | null } | null } }> }, events: { edges: Array<{ node: { name: string, occurredAt: string, feature: string | null, person: { name: string | null } | null } }> }, goals: { edges: Array<{ node: { id: string, name: string, metric: string, target: number, due: string, progress: number | null, expected: number, status: GoalStatus | null } }> }, history: Array<{ attribute: string, value: unknown, from: string | null }>, score: { value: number | null, day: string, status: MetricStatus, unit: string, direction: MetricDirection, ageDays: number, details: unknown, n: number, unitKo: string, interval: { low: number, high: number } | null, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null, n: number | null, note: string }>, series: { days: Array<string>, values: Array<number | null>, ns: Array<number>, lows: Array<number | null>, highs: Array<number | null>, restated: Array<string>, annotations: Array<{ id: string, day: string, text: string, kind: AnnotationKind }> }, restatements: Array<{ at: string, reason: string, before: number | null, after: number | null }> } | null } | null };

export type AccountMetricsQueryVariables = Exact<{
  id: string;
}>;


export type AccountMetricsQuery = { account: { metrics: Array<{ metric: string, value: number | null, day: string, status: MetricStatus, n: number, unit: string, direction: MetricDirection, ageDays: number, details: unknown, unitKo: string, interval: { low: number, high: number } | null, sparkline: { days: Array<string>, values: Array<number | null> } }> } | null };

export type CourseFragment = { value: number | null, day: string, status: MetricStatus, unit: string, direction: MetricDirection, ageDays: number, details: unknown, n: number, unitKo: string, interval: { low: number, high: number } | null, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null, n: number | null, note: string }>, series: { days: Array<string>, values: Array<number | null>, ns: Array<number>, lows: Array<number | null>, highs: Array<number | null>, restated: Array<string>, annotations: Array<{ id: string, day: string, text: string, kind: AnnotationKind }> }, restatements: Array<{ at: string, reason: string, before: number | null, after: number | null }> };

export type BookQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  where?: AccountFilter | null | undefined;
  order?: AccountOrder | null | undefined;
  score: string;
  worth: string;
  hasWorth: boolean;
}>;


export type BookQuery = { accounts: { totalCount: number | null, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { externalId: string, name: string, plan: string, stage: AccountStage, owner: string, renewsOn: string | null, worth?: { value: number | null, unit: string, details: unknown, unitKo: string } | null, metric: { value: number | null, day: string, status: MetricStatus, ageDays: number, direction: MetricDirection, details: unknown, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null }>, sparkline: { days: Array<string>, values: Array<number | null> } } | null } }> } };

export type MetricsQueryVariables = Exact<{
  from: string;
  to: string;
}>;


export type MetricsQuery = { metrics: Array<{ id: string, latest: { value: number | null, day: string, n: number, unit: string, direction: MetricDirection, details: unknown, ageDays: number, unitKo: string, interval: { low: number, high: number } | null, series: { days: Array<string>, values: Array<number | null> } } | null }> };

export type MetricQueryVariables = Exact<{
  id: string;
  from: string;
  to: string;
}>;


export type MetricQuery = { metric: { definition: { card: { formula: string, source: string, edgeRules: Array<string>, vanityRisk: string, refreshCadence: string } }, at: { value: number | null, day: string, status: MetricStatus, n: number, unit: string, direction: MetricDirection, ageDays: number, details: unknown, noInterval: string, unitKo: string, interval: { low: number, high: number, level: number, method: string } | null, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null, n: number | null, note: string }>, benchmarks: Array<{ statement: string, source: string, published: string, verified: boolean, low: number | null, high: number | null, unit: string, applies: boolean, standing: BenchmarkStanding | null }>, trend: { state: TrendState, perWeek: number | null, p: number | null } | null, anomaly: { state: AnomalyState, expected: number | null, low: number | null, high: number | null, z: number | null, since: string | null } | null, restatements: Array<{ at: string, reason: string, before: number | null, after: number | null }> } | null, series: { days: Array<string>, values: Array<number | null>, ns: Array<number>, lows: Array<number | null>, highs: Array<number | null>, restated: Array<string>, annotations: Array<{ id: string, day: string, text: string, kind: AnnotationKind }> } } };

export type MetricGroupsQueryVariables = Exact<{
  id: string;
  by: string;
}>;


export type MetricGroupsQuery = { metric: { compareGroups: Array<{ group: string, state: GroupState, difference: number | null, low: number | null, high: number | null, pAdjusted: number | null, value: { value: number | null, n: number, unit: string, details: unknown, unitKo: string, interval: { low: number, high: number } | null } }> } };

export type MetricAccountsQueryVariables = Exact<{
  id: string;
}>;


export type MetricAccountsQuery = { accounts: { edges: Array<{ node: { externalId: string, name: string, plan: string, metric: { value: number | null, n: number, unit: string, details: unknown, direction: MetricDirection, unitKo: string } | null } }> } };

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


export type WhyQuery = { account: { metric: { metric: string, value: number | null, day: string, direction: MetricDirection, dataAsOf: string | null, computedAt: string, definitionVersion: number, configurationVersion: number, revision: number, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null, n: number | null, note: string }>, restatements: Array<{ at: string, reason: string, before: number | null, after: number | null }>, explainChange: { since: string, before: number | null, after: number | null, change: number | null, sentence: string, causes: Array<{ kind: ChangeKind, key: string, label: string, change: number, before: number | null, after: number | null, note: string }> } } | null } | null, metric: { definition: { title: string, card: { formula: string, source: string, edgeRules: Array<string>, vanityRisk: string, refreshCadence: string } } } };

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
export const SessionDocument = new TypedDocumentString(`
    query Session {
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
}
    `) as unknown as TypedDocumentString<SessionQuery, SessionQueryVariables>;
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
  account(externalId: $id) {
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
    score: metric(id: $score) {
      ...Course
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
export const AccountMetricsDocument = new TypedDocumentString(`
    query AccountMetrics($id: ID!) {
  account(externalId: $id) {
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
    `) as unknown as TypedDocumentString<AccountMetricsQuery, AccountMetricsQueryVariables>;
export const BookDocument = new TypedDocumentString(`
    query Book($first: Int!, $after: String, $where: AccountFilter, $order: AccountOrder, $score: ID!, $worth: ID!, $hasWorth: Boolean!) {
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
        worth: metric(id: $worth) @include(if: $hasWorth) {
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
    query Metric($id: ID!, $from: Date!, $to: Date!) {
  metric(id: $id) {
    definition {
      card {
        formula
        source
        edgeRules
        vanityRisk
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
        statement
        source
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
  metric(id: $metric) {
    definition {
      title
      card {
        formula
        source
        edgeRules
        vanityRisk
        refreshCadence
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WhyQuery, WhyQueryVariables>;