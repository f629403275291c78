"""Findings on the properties of a site and on what follows from them."""
