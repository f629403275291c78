"""Tests in which the real programs take what omerogen writes."""
