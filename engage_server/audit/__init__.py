"""What was done in a tenant and by whom: appended, chained by hashes, never changed."""
