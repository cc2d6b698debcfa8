"""Stand-ins for packages whose `__init__` loads far more than a run needs.

A stand-in is an empty package that finds its submodules as usual. Must not change anything in the
packages themselves, and must give way to the real one as soon as somebody wants that.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

#: Guesses the encoding of text that does not say its own: a quarter of what a run loads, for
#: something that JSON never needs. requests loads it all the same.
GUESSER = "charset_normalizer"


def empty_package(spec: ModuleSpec) -> ModuleType:
    """The package of this spec without what its `__init__` would do. Raises ImportError."""
    if spec.submodule_search_locations is None:
        raise ImportError("it is no package")
    bare = ModuleSpec(spec.name, None, origin=spec.origin, is_package=True)
    bare.submodule_search_locations = spec.submodule_search_locations
    return module_from_spec(bare)


@contextmanager
def standing_in(spec: ModuleSpec) -> Iterator[None]:
    """While the block runs, submodules are loaded without the package's `__init__`.

    If it fails, none of them is left: half of it must not meet the real package.
    """
    before = set(sys.modules)
    sys.modules[spec.name] = empty_package(spec)
    try:
        yield
    except BaseException:
        for name in set(sys.modules) - before:
            if name.startswith(f"{spec.name}."):
                del sys.modules[name]
        raise
    finally:
        sys.modules.pop(spec.name, None)


class _Later(ModuleType):
    """A package that is loaded when something of it is used."""

    def __getattr__(self, wanted: str) -> Any:
        if wanted.startswith("__"):
            raise AttributeError(wanted)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(_the_guesser(), wanted)


def guess_encodings_later() -> None:
    """Spare requests the guesser; it is loaded when a text's encoding is really guessed."""
    spec = None if GUESSER in sys.modules else find_spec(GUESSER)
    if spec is None:
        return
    try:
        with standing_in(spec):
            told = import_module("charset_normalizer.version").__version__
    except Exception:  # noqa: BLE001 - it looks different now: requests loads it as ever
        return
    later = _Later(GUESSER)
    later.__version__ = told  # type: ignore[attr-defined]  # requests asks whether it knows it
    sys.modules[GUESSER] = later


def _the_guesser() -> ModuleType:
    return import_module("charset_normalizer")
