"""Fuzz targets for whatever reads what others wrote; see README.md."""
