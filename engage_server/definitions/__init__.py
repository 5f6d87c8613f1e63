"""What people define and seldom change, each in versions: one table of the tenant's for all kinds."""
