"""What is secret: names and texts that tell of a secret, and secrets that are kept in files."""
