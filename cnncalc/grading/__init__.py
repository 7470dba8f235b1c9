"""Grading: what was handed in, judged against a sheet. Submitted text is read, never run."""
