"""Helpers that several tests share; no test is here."""
