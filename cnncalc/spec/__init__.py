"""Networks as text: the written form (`parse`, `to_text`) and the JSON form (`dumps`, `loads`).

The only parsers of networks. Text is read, never evaluated.
"""

from cnncalc.spec.document import dumps, loads
from cnncalc.spec.shape_text import parse_shape
from cnncalc.spec.text import parse
from cnncalc.spec.writing import to_text

__all__ = ["dumps", "loads", "parse", "parse_shape", "to_text"]
