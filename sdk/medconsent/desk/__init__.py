"""What a person at an institution's desk looks at: names, reminders, and the views before a decision."""
