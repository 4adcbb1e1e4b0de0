"""Values that several nouns share: what the contract's records, purposes, policies and requests are made of."""
