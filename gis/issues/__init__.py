"""Issues: routing, deadlines in working time, the ladder, the ledger."""
