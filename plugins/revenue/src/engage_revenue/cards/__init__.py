"""The definition cards, a module for each group of metrics."""
