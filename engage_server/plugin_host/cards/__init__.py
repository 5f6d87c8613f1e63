"""The definition cards of the installed plugins in the forms in which others read them."""
