"""What operators and scrapers are told."""
