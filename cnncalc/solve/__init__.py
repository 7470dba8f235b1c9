"""The inverse questions: which sizes, which layers."""
