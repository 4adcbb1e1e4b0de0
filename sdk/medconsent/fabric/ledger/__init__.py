"""What stands on a ledger, decoded for who wants to see it."""
