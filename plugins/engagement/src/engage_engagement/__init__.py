"""Engagement for Engage: weighted events, the place among peers, and four measures in one score."""
