"""ccxt's one exchange class that this project uses, without the hundred others.

`import ccxt` loads every exchange there is: 0.3 s and 30 MiB for nothing. While the one class is
loaded, an empty package stands in for ccxt's `__init__`, whose submodules are found as usual;
then it is taken away again, so that `import ccxt` elsewhere is the whole library as ever, with
the same classes. Where ccxt's layout does not allow this any more, the whole library is loaded
and a warning says so. Must not change anything in ccxt.
"""

import logging
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

PACKAGE = "ccxt"


def one_class() -> tuple[Any, Any]:
    """`binanceusdm` and the module of ccxt's errors."""
    if PACKAGE not in sys.modules and (spec := find_spec(PACKAGE)) is not None:
        try:
            return _without_the_others(spec)
        except Exception as error:  # noqa: BLE001 - whatever it is, the plain import is the way
            logging.getLogger(__name__).warning(
                "ccxt's layout has changed (%s: %s): all of ccxt is loaded, which is slower; "
                "use the ccxt of requirements.txt",
                type(error).__name__,
                error,
            )
    import ccxt

    return ccxt.binanceusdm, ccxt


def _without_the_others(spec: ModuleSpec) -> tuple[Any, Any]:
    before = set(sys.modules)
    sys.modules[PACKAGE] = _empty(spec)
    try:
        from ccxt.base import errors
        from ccxt.binanceusdm import binanceusdm

        _look_at(binanceusdm, errors)
    except BaseException:
        for name in set(sys.modules) - before:  # half of it must not meet the plain import
            if name.startswith(f"{PACKAGE}."):
                del sys.modules[name]
        raise
    finally:
        del sys.modules[PACKAGE]
    return binanceusdm, errors


def _empty(spec: ModuleSpec) -> ModuleType:
    """A package that finds its submodules and has nothing else."""
    if spec.submodule_search_locations is None:
        raise ImportError("it is no package")
    bare = ModuleSpec(PACKAGE, None, origin=spec.origin, is_package=True)
    bare.submodule_search_locations = spec.submodule_search_locations
    return module_from_spec(bare)


def _look_at(exchange: Any, errors: Any) -> None:
    """What the client builds on must be there. Raises AttributeError."""
    for name in ("fetch2", "nonce", "handle_errors", "handle_http_status_code", "describe"):
        getattr(exchange, name)
    for name in ("BaseError", "NetworkError", "RequestTimeout"):
        getattr(errors, name)
