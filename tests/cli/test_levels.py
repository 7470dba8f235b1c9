"""`cnncalc levels`."""

from __future__ import annotations

import json


def test_text_json_and_svg(run):
    net = ("levels", "unet", "--input", "1x1x188x188")
    assert "bottom: 512×8×8 → 1024×4×4" in run(*net)[1]
    assert json.loads(run(*net, "--format", "json")[1])["totals"]["params"] == 31030658
    assert run(*net, "--format", "svg")[1].startswith("<svg ")


def test_other_networks_are_refused(refuses):
    assert "U-Nets and DenseNets" in refuses("levels", "alexnet", "--input", "1x3x224x224")
