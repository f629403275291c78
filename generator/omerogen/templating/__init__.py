"""Templates print and never compute: one rule of escaping per language, applied by the environment."""
