"""Texts into a folder: all at once or not at all, compared, with what a build knows of the one before."""
