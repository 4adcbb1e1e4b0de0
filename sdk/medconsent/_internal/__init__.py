"""What the public modules stand on; nobody else imports it."""
