"""What people keep as files on their own machine, read so that it says what it shows, and written back."""
