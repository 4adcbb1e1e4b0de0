"""What all commands share: their shape, the arguments they know, how they print, fail and end."""
