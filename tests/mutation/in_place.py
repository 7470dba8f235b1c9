"""A mistake put into functions that are loaded already: far cheaper than to import everything again."""

from __future__ import annotations

import functools
import gc
from collections import defaultdict
from types import CodeType, FunctionType
from typing import Any

Key = tuple[str, str, int]


def key_of(code: CodeType) -> Key:
    """What a function's code is known by before and after a change."""
    return code.co_filename, code.co_qualname, code.co_firstlineno


def within(code: CodeType) -> list[CodeType]:
    """A code object and all that are defined in it."""
    found = [code]
    for part in code.co_consts:
        if isinstance(part, CodeType):
            found += within(part)
    return found


def bare(code: CodeType) -> CodeType:
    """A code object without those that are defined in it."""
    return code.replace(co_consts=tuple(part for part in code.co_consts if not isinstance(part, CodeType)))


class Loaded:
    """All functions of a package that are loaded, and what remembers results."""

    def __init__(self, folder: str) -> None:
        """Look for them once: the processes that are forked off have them at the same places."""
        self.functions: defaultdict[Key, list[FunctionType]] = defaultdict(list)
        self.memories: list[Any] = []
        for item in gc.get_objects():
            if type(item) is FunctionType and item.__code__.co_filename.startswith(folder):
                self.functions[key_of(item.__code__)].append(item)
            elif type(item) is functools._lru_cache_wrapper:
                self.memories.append(item)

    def change(self, before: CodeType, after: CodeType) -> bool:
        """Give loaded functions the code of a changed module; False where the change is in what an import runs."""
        old = {key_of(code): code for code in within(before)}
        new = {key_of(code): code for code in within(after)}
        put = []
        for key, code in new.items():
            if key not in old or code == old[key]:
                continue
            if key in self.functions:
                put += [(function, code) for function in self.functions[key]]
            elif bare(code) != bare(old[key]) and not code.co_flags & FUNCTION:
                return False
        try:
            for function, code in put:
                function.__code__ = code
        except ValueError:  # another number of closed variables
            return False
        for memory in self.memories:
            memory.cache_clear()
        return bool(put)


#: The flag of code that has variables of its own: a function's, not a class's or a module's.
FUNCTION = 0x02
