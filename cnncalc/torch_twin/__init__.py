"""The oracle: the only room that imports torch."""
