"""Compares a configuration in use with ours: differences in meaning, and what would reproduce them."""
