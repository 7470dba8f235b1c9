"""Slips: wrong rules, as code, that give the wrong numbers people write down."""
