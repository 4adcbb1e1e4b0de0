"""What runs for long beside an institution's peer. The command line starts it; a program can as well."""
