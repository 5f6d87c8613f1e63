"""How values of two metrics go together over accounts, as a metric plugin."""
