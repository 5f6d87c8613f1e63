"""Two simulated companies that live through the real doors, and what the server says about them."""
