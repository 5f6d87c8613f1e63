"""The list of persons who must not come in again: keyed hashes of their names, never a name."""
