"""`cnncalc diff`."""

from __future__ import annotations

import json


def test_the_command_prints_text_and_json(run):
    code, out, err = run("diff", "Conv2d(3, 8, 3)", "Conv2d(3, 8, 3) -> ReLU()", "--input", "1x3x9x9")
    assert (code, err) == (0, "")
    assert "+ 1 ReLU, 1×8×7×7" in out
    data = json.loads(run("diff", "Conv2d(3, 8, 3)", "Conv2d(3, 4, 3)", "--input", "1x3x9x9", "--format", "json")[1])
    assert data["totals"]["params"] == {"before": 224, "after": 112, "change": -112}
