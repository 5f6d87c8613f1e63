"""Answers of root fields as JSON that PostgreSQL builds, for readers who may see all of it; else nothing of it is used."""
