"""The commands of the terminal, one file each: arguments in, an answer out. No arithmetic.

`COMMANDS` names them with the line that `cnncalc --help` shows. A command's file is loaded when it is the one that runs.
It has two functions: `add_arguments(parser)` says what the command takes, and `run(given)` does it: results go to
standard output, errors are raised as `CnncalcError`, and a status other than 0 ends the process with `SystemExit`.
`inputs.py` reads what commands share (NET, --input, a cell), `outputs.py` is how they print.
"""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "answer": "The worked answers of the homework, or of a sheet of your own.",
    "summary": "A table of every layer: output shape, parameters, MACs, receptive field.",
    "explain": "The working of every number: the rule, the numbers put in, the value.",
    "rf": "The receptive field of the output, a row or every row: its exact cells, its working, its picture.",
    "solve": "The inverse questions: which sizes, which layers, how wide, how deep.",
    "diff": "Two networks side by side: rows added, removed, changed; the totals before and after.",
    "formula": "Closed forms of shapes, parameters, MACs and fields in symbols: as mathematics, LaTeX, Python or C.",
    "levels": "A U-Net or a DenseNet level by level, with the working, or drawn.",
    "export": "The network as readable source code of a torch module.",
    "verify": "Build the torch twin, run it, and compare shapes, tensors, MACs and receptive fields.",
    "sheet": "Check a sheet, or build each student's own from it.",
    "grade": "Submissions graded against a sheet, each with feedback that names the slip.",
    "list": "The named architectures, the layers, the functions and the questions.",
}
