"""The door before the data: the keyholder, which decides about headers."""
