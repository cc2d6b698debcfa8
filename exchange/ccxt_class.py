"""ccxt's one exchange class that this project uses, without the hundred others.

`import ccxt` loads every exchange there is: 0.3 s and 30 MiB for nothing. The one class is loaded
beside it, so that `import ccxt` elsewhere is the whole library as ever, with the same classes.
Where ccxt's layout does not allow this any more, the whole library is loaded and a warning says
so. Must not change anything in ccxt.
"""

import logging
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import Any

from exchange.standins import guess_encodings_later, standing_in

PACKAGE = "ccxt"


def one_class() -> tuple[Any, Any]:
    """`binanceusdm` and the module of ccxt's errors."""
    guess_encodings_later()
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
    with standing_in(spec):
        from ccxt.base import errors
        from ccxt.binanceusdm import binanceusdm

        # what the client builds on must be there
        for name in ("fetch2", "nonce", "handle_errors", "handle_http_status_code", "describe"):
            getattr(binanceusdm, name)
        for name in ("BaseError", "NetworkError", "RequestTimeout"):
            getattr(errors, name)
    return binanceusdm, errors
