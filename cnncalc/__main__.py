"""`python -m cnncalc` is the command `cnncalc`."""

from cnncalc.cli import entry

entry()
