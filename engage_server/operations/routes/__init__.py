"""Writes what a proxy in front of several installations needs to send each request to the one where its tenant lives."""
