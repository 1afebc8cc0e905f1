"""The people who answer for cells: posts, holdings, accounts."""
