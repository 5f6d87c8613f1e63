"""Persons' rights and tenants' retention: suppress, erase, export, and delete what has grown too old."""
