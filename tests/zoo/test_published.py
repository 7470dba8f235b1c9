"""What is cited as published is what was published, and differs from what is calculated only where a note says why."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from torchvision_side import torchvision

from cnncalc.analyses.network_card import network_card
from cnncalc.zoo import ARCHITECTURES, CATALOGUE
from cnncalc.zoo.published import NOTES, PAPERS, TORCHVISION

DOCS = Path(__file__).parents[2] / "docs"
#: Published of a variant: GoogLeNet without its auxiliary heads, segmentation models with their second head.
OF_A_VARIANT = {
    "googlenet", "fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101", "deeplabv3_mobilenet_v3_large",
}  # fmt: skip


@pytest.fixture(scope="module")
def cards():
    return {name: network_card(name) for name in ARCHITECTURES}


def test_what_is_cited_is_torchvisions_metadata():
    for name, cited in TORCHVISION.items():
        weights = list(torchvision().models.get_model_weights(name))
        # vit_h_14's first weights are for images of 518×518.
        of = weights[1] if name == "vit_h_14" else weights[0]
        side = of.transforms.keywords.get("crop_size", of.transforms.keywords.get("resize_size"))
        assert (cited.side, cited.params, cited.macs) == (side, of.meta["num_params"], of.meta["_ops"]), name


def test_every_architecture_is_cited_once_or_has_a_size():
    assert set(TORCHVISION) | set(PAPERS) == set(ARCHITECTURES)
    assert not set(TORCHVISION) & set(PAPERS)
    assert set(NOTES) <= set(CATALOGUE)


def test_calculated_and_published_differ_only_where_a_note_says_why(cards):
    for name, cited in TORCHVISION.items():
        card = cards[name]
        equal = (card.report.params, round(card.report.macs / 1e9, 3)) == (cited.params, cited.macs)
        assert equal or (name in OF_A_VARIANT and card.note), name


def test_each_card_names_its_paper_and_its_year(cards):
    for card in cards.values():
        assert re.search(r" (19|20)\d\d, (arXiv:\d{4}\.\d{5}|arXiv:\d{4}\.\d{4}|doi:10\.)", card.source), card.name


def test_stages_are_the_paper_s_maps(cards):
    """Table 1 of arXiv:1512.03385 and of arXiv:1409.1556, table 7 of arXiv:2103.14030, figure 1 of arXiv:1505.04597."""
    maps = {
        name: [(stage.channels, stage.width) for stage in cards[name].stages]
        for name in ("resnet50", "vgg16", "unet", "swin_t", "maxvit_t")
    }
    assert maps["resnet50"] == [(64, 112), (256, 56), (512, 28), (1024, 14), (2048, 7)]
    assert maps["vgg16"] == [(64, 224), (128, 112), (256, 56), (512, 28), (512, 14), (512, 7)]
    assert maps["swin_t"] == [(96, 56), (192, 28), (384, 14), (768, 7)]
    assert maps["maxvit_t"] == [(64, 112), (64, 56), (128, 28), (256, 14), (512, 7)]
    assert [side for _, side in maps["unet"]] == [
        568, 284, 280, 140, 136, 68, 64, 32, 28, 56, 52, 104, 100, 200, 196, 392, 388,
    ]  # fmt: skip


def test_stages_end_before_a_global_pool(cards):
    assert cards["inception_v3"].stages[-1].row.path == "Mixed_7c"


def test_stages_with_symbols_are_the_parts_themselves():
    import cnncalc as cc
    from cnncalc import zoo
    from cnncalc.analyses.stages import stages

    rows = stages(cc.analyze(zoo.resnet50(), ("N", 3, "H", "W")))
    assert [stage.row.path for stage in rows] == ["relu", "layer1", "layer2", "layer3", "layer4"]


def test_the_page_is_current(cards):
    spec = spec_from_file_location("make_zoo", DOCS / "make_zoo.py")
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    assert (DOCS / "zoo.md").read_text(encoding="utf-8") == script.page(cards.__getitem__), "run python docs/make_zoo.py"
