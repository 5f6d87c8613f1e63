"""Pages for people, clients of the GraphQL API."""
