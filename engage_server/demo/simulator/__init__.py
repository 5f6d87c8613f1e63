"""A seeded simulator of two companies' customers. Pure: the same company and days give the same data.

Everything that comes out is what a tracking SDK, a CRM, a billing system or a survey tool would send; nothing
here knows the server.
"""
