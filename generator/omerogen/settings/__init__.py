"""Assignments over the catalog's defaults, made into `Settings`: typed values, each with its origin."""

from omerogen.settings.settings import Settings

__all__ = ["Settings"]
