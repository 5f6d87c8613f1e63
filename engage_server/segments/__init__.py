"""Who belongs to what: saved filters over accounts and persons, with membership by day, and groups by attribute."""
