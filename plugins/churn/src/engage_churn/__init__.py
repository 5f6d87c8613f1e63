"""Churn as a metric plugin."""
