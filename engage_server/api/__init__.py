"""The GraphQL API: one schema per set of plugins."""
