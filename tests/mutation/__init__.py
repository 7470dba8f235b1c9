"""Mistakes made in the source on purpose, to see whether the tests notice: see tests/mutants.py."""
