"""Usage frequency for Engage: daily, weekly, infrequent or no use."""
