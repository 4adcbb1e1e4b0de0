"""How a transaction gets into a block: handed in, handed in again, and asked for, at more nodes than one's own."""
