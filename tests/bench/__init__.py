"""``make bench``: how fast the server is, as ratios to what stands beside it in the same run."""
