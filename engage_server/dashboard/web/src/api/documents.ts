// Written by `make dashboard` from the documents beside the views; never by hand.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Lifecycle stage. */
export type AccountStage =
  | 'CHURNED'
  | 'CUSTOMER'
  | 'LEAD'
  | 'TRIAL';

/** Which way of moving is good; VARIES: each value says it. */
export type MetricDirection =
  | 'DOWN'
  | 'TARGET'
  | 'UP'
  | 'VARIES';

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

export type SessionQueryVariables = Exact<{ [key: string]: never; }>;


export type SessionQuery = { viewer: { email: string | null, actor: string, role: Role | null, permissions: Array<string>, tenants: Array<{ slug: string, name: string, role: Role | null }> }, tenant: { slug: string, name: string, timezone: string, primaryMetric: string | null }, metrics: Array<{ id: string, plugin: string, category: string, subjects: Array<string>, direction: MetricDirection, title: string, unit: string, titleKo: string, unitKo: string }> };

export type SearchQueryVariables = Exact<{
  text: string;
}>;


export type SearchQuery = { accounts: { edges: Array<{ node: { externalId: string, name: string, plan: string } }> } };

export type BookQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  score: string;
  from: string;
  to: string;
}>;


export type BookQuery = { accounts: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { externalId: string, name: string, plan: string, stage: AccountStage, owner: string, metric: { value: number | null, day: string, status: MetricStatus, ageDays: number, direction: MetricDirection, details: unknown, contributions: Array<{ key: string, label: string, value: number | null, points: number | null, weight: number | null }>, series: { days: Array<string>, values: Array<number | null> } } | null } }> } };

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
  accounts(first: 8, search: $text) {
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
export const BookDocument = new TypedDocumentString(`
    query Book($first: Int!, $after: String, $score: ID!, $from: Date!, $to: Date!) {
  accounts(first: $first, after: $after) {
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
          series(from: $from, to: $to) {
            days
            values
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<BookQuery, BookQueryVariables>;