"""Subscriptions without a transport: what may be watched, who may watch it, and what is told of a change."""
