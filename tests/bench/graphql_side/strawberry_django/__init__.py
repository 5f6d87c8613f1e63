"""strawberry-django over the plain tables, with its optimizer."""
