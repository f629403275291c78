"""Assignments over the catalog's defaults, made into `Settings`: typed values, each with its origin."""
