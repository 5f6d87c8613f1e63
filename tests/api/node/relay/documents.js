// Never run: relay-compiler reads the documents in here and writes ../generated/relay.
import { graphql } from "relay-runtime";

export const PORTFOLIO = graphql`
  query documentsPortfolioQuery($first: Int!) {
    ...documents_portfolio @arguments(first: $first)
    metrics {
      id
      title
    }
    plugins {
      id
      version
    }
    bundles {
      name
      title
    }
  }
`;

export const ACCOUNTS = graphql`
  fragment documents_portfolio on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" })
  @refetchable(queryName: "documentsPortfolioPageQuery") {
    accounts(first: $first, after: $after) @connection(key: "documents_accounts") {
      edges {
        node {
          externalId
          ...documents_account
        }
      }
    }
  }
`;

export const ACCOUNT = graphql`
  fragment documents_account on Account @refetchable(queryName: "documentsAccountRefetchQuery") {
    id
    name
    nps {
      score {
        value
        definition {
          id
          title
        }
      }
    }
  }
`;

export const GOAL = graphql`
  query documentsGoalQuery($first: Int!) {
    goals(first: $first) {
      edges {
        node {
          id
          ...documents_goal
        }
      }
    }
  }
`;

export const GOAL_AGAIN = graphql`
  fragment documents_goal on Goal @refetchable(queryName: "documentsGoalRefetchQuery") {
    id
    name
    definition {
      id
    }
  }
`;
