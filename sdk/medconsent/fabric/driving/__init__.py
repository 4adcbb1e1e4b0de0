"""What the drivers are made of: how much is under way at once, and streams that somebody reads."""
