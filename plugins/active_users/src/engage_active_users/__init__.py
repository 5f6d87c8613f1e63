"""Active users for Engage: how many, how engaged, how steady, and who came or went."""
