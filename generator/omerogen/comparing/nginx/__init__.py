"""Compares an nginx configuration in use with ours, by meaning and not by layout."""
