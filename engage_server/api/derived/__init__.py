"""Types and fields of GraphQL that follow from what plugins declare, without a line of their code."""
