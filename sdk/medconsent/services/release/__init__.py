"""The door before the data: the keyholder, which decides about headers, and the server, which faces the network."""
