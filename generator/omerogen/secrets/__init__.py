"""Secrets: names and texts that identify one, and secrets that are kept in files."""
