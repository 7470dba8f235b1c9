"""Hypothesis strategies by subject; `strategies` is the door to all of them."""
