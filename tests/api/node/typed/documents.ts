// What the typed clients ask; graphql-codegen types the answers.
import { graphql } from "../generated/gql/index.js";

export const ACCOUNTS = graphql(`
  query Accounts($first: Int!, $after: String) {
    tenant {
      name
    }
    accounts(first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
          externalId
          stage
          nps {
            score {
              day
              computedAt
              status
              value
              promoters
              details
            }
          }
        }
      }
    }
  }
`);

export const SET_GOAL = graphql(`
  mutation NewGoal($goal: CreateGoalInput!) {
    createGoal(input: $goal) { goal {
      id
      name
      due
    } }
  }
`);
