"""Customer health: one explained score per account, and the quality of the portfolio."""

__version__ = "0.1.0"
