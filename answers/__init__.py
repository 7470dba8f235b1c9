"""The answers of the homework, as sheets: data only, installed inside cnncalc."""
