"""`cnncalc export`."""

from __future__ import annotations

import cnncalc as cc


def test_the_source_is_all_that_is_printed(run):
    code, out, err = run("export", "Conv2d(3, 8, 3) -> ReLU()", "--input", "1x3x9x9", "--to", "torch")
    assert (code, err) == (0, "")
    assert out.startswith("import torch\n")
    assert "nn.ReLU()" in out
    compile(out, "source", "exec")


def test_symbols_are_refused(refuses):
    assert "numbers" in refuses("export", "Conv2d(C, 8, 3)".replace("C,", '"C",'), "--input", "1xCx9x9")


def test_a_network_file_is_read_back(run, tmp_path):
    name = str(tmp_path / "net.json")
    assert run("export", "vit_b_32", "--input", "1x3x224x224", "--to", "json", "-o", name)[:2] == (0, "")
    assert run("summary", name, "--input", "1x3x224x224")[0] == 0
    assert cc.loads((tmp_path / "net.json").read_text()).parameters() == cc.zoo.vit_b_32().parameters()


def test_a_file_is_written_as_a_whole_or_not_at_all(run, refuses, tmp_path):
    target = tmp_path / "net.py"
    target.write_text("before")
    target.chmod(0o640)
    refuses("export", 'Conv2d("C", 8, 3)', "--input", "1xCx9x9", "-o", str(target))
    assert target.read_text() == "before"
    assert run("export", "Conv2d(3, 8, 3)", "--input", "1x3x9x9", "-o", str(target)) == (0, "", "")
    assert target.read_text() == cc.to_source(cc.parse("Conv2d(3, 8, 3)"), (1, 3, 9, 9))
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]
    message = refuses("export", "Conv2d(3, 8, 3)", "--input", "1x3x9x9", "-o", str(tmp_path / "no" / "net.py"))
    assert "can't be written" in message
    assert "directory" in refuses("export", "ReLU()", "--input", "1x3", "-o", str(tmp_path)).lower()


def test_a_link_stays_a_link(run, tmp_path):
    target, link = tmp_path / "net.py", tmp_path / "link.py"
    link.symlink_to(target)
    assert run("export", "ReLU()", "--input", "1x3", "-o", str(link))[0] == 0
    assert link.is_symlink()
    assert "nn.ReLU()" in target.read_text()
