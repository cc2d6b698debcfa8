"""The kernel compiled by numba, cached on disk.

The rules are plain functions that know nothing of numba. Here each is rebuilt with globals in
which the project's other functions are compiled ones. numba's cache does not notice an edit in a
called file, so its folder is named by a hash of all sources. Must not change what is computed.
"""

import functools
import hashlib
import platform
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, cast

from backtest import kernel

Walk = Callable[..., int]

#: Of what is called: melted into the caller, so that no array is passed on; callable from Python
#: is only the outermost. Without reference counts (the rules allocate nothing): they cost more
#: than the rules do.
_INNER = {
    "forceinline": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "_nrt": False,
}


@functools.cache
def compiled_walk(cache: Path | None) -> Walk:
    """`kernel.walk`, compiled for columns that are int64 arrays; see `compiled`."""
    return cast("Walk", compiled(kernel.walk, cache, _nrt=False))


def compiled(function: Callable[..., Any], cache: Path | None, **options: bool) -> Any:
    """`function` and all project functions it calls, compiled; `options` are numba's, for it.

    `cache`: folder to keep machine code in. Without one, or where it cannot be written, every
    process compiles anew (seconds). Raises ImportError without numba.
    """
    numba = import_module("numba")

    functions = _reached(_plain(function))
    folder = _usable(cache / _fingerprint(functions, numba.__version__)) if cache else None
    if folder is not None:
        numba.config.CACHE_DIR = str(folder)
    done: dict[FunctionType, Any] = {}
    inner = numba.njit(**_INNER)
    outer = numba.njit(cache=folder is not None, nogil=True, **options)
    return outer(_twin(_plain(function), inner, done))


def _twin(function: FunctionType, inner: Any, done: dict[FunctionType, Any]) -> FunctionType:
    """The same code, with globals in which the project's functions are compiled ones."""
    scope = dict(function.__globals__)
    for name, callee in _callees(function):
        if callee not in done:
            done[callee] = inner(_twin(callee, inner, done))
        scope[name] = done[callee]
    twin = FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    twin.__qualname__ = function.__qualname__
    return twin


def _callees(function: FunctionType) -> Iterator[tuple[str, FunctionType]]:
    """The project's functions that a function names."""
    code: CodeType = function.__code__
    for name in code.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, FunctionType):
            yield name, value


def _reached(function: FunctionType) -> list[FunctionType]:
    """The function and all that it calls, however deep; each once."""
    found = [function]
    for each in found:
        found += [callee for _, callee in _callees(each) if callee not in found]
    return found


def walk_sources() -> str:
    """Of the sources of the walk: machines that say the same play the same."""
    return _digest("", _reached(_plain(kernel.walk)))


def _fingerprint(functions: list[FunctionType], numba_version: str) -> str:
    """A name that changes with any source that the machine code is made from."""
    return _digest(f"{numba_version} {sys.version} {platform.machine()}", functions)


def _digest(beside: str, functions: list[FunctionType]) -> str:
    """Constants are frozen into machine code too, so every file beside a function's own counts."""
    files = {Path(function.__code__.co_filename) for function in functions}
    digest = hashlib.sha256(beside.encode())
    for folder in sorted({file.parent for file in files}):
        for file in sorted(folder.glob("*.py")):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _plain(function: Callable[..., Any]) -> FunctionType:
    assert isinstance(function, FunctionType)
    return function


def _usable(folder: Path) -> Path | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder
