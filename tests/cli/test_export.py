"""`cnncalc export`."""

from __future__ import annotations


def test_the_source_is_all_that_is_printed(run):
    code, out, err = run("export", "Conv2d(3, 8, 3) -> ReLU()", "--input", "1x3x9x9", "--to", "torch")
    assert (code, err) == (0, "")
    assert out.startswith("import torch\n")
    assert "nn.ReLU()" in out
    compile(out, "source", "exec")


def test_symbols_are_refused(refuses):
    assert "numbers" in refuses("export", "Conv2d(C, 8, 3)".replace("C,", '"C",'), "--input", "1xCx9x9")
