"""Stands in for modules that hardly any submission uses, until something is asked of one.

A process with a large module in it takes longer to fork, to run and to end, whether the module is used or not.
"""

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

# Whoever looks through all modules asks each for these, and for nothing else of it.
_OF_EVERY_MODULE = frozenset({"__file__", "__cached__", "__wrapped__", "__warningregistry__"})


class Deferred(ModuleType):
    """A module that is loaded when something is asked of it, or stored in it."""

    def __getattr__(self, name: str) -> Any:
        if name in _OF_EVERY_MODULE:
            raise AttributeError(name)
        return getattr(_load(self.__name__), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(_load(self.__name__), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_load(self.__name__), name)

    def __dir__(self) -> list[str]:
        return dir(_load(self.__name__))


def defer(names: Sequence[str]) -> None:
    """Put stand-ins in the place of these modules, packages before what is in them, where there are such.

    Not in the place of those that are loaded.
    """
    for name in names:
        package, _, last = name.rpartition(".")
        if name in sys.modules or (package and type(sys.modules.get(package)) is not Deferred):
            continue
        if not _is_there(name):
            continue
        sys.modules[name] = Deferred(name)
        if package:
            vars(sys.modules[package])[last] = sys.modules[name]


def _is_there(name: str) -> bool:
    """Tell whether a module can be found, without loading its package."""
    spec, places = None, None
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        spec = PathFinder.find_spec(".".join(parts[:end]), places)
        if spec is None:
            return False
        places = spec.submodule_search_locations or []
    return spec is not None and spec.loader is not None


def _load(name: str) -> ModuleType:
    """Give the module itself. Those of its package are no longer stood in for."""
    root = name.partition(".")[0]
    for other, module in list(sys.modules.items()):
        if type(module) is Deferred and other.partition(".")[0] == root:
            del sys.modules[other]
    return importlib.import_module(name)
