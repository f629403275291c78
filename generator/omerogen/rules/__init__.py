"""Rules that the settings of a site may break: one function each, found by its registry."""
