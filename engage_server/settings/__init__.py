"""One module per environment; `base` reads the environment variables."""
