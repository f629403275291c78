"""Tests that no secret leaks."""
