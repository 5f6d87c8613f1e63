"""Reports: what is told of accounts, the portfolio and the product, as pages, mail and tables."""
