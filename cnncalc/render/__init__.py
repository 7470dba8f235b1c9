"""Formats: plain report data as text, Markdown, HTML and JSON. Nothing is computed here."""
