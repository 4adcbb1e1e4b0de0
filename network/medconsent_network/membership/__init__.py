"""Who is in the channel: its first block, joining it, and changes of its configuration."""
