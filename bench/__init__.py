"""Measurements anyone can run: `make eval`, `make bench`."""
