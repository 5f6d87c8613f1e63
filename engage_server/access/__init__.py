"""Who may do what: people, keys, permissions, limits."""
