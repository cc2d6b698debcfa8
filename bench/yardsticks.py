"""What the kernel is compared with on the same candles: a C loop, vectorbt, backtesting.py.

Each yardstick is absent with a reason where its tools are not installed. Must not be kind: every
one is used the way its own users would use it at its fastest.
"""

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from backtest.layout import WIDTH, Candles, Payments, Terms, Tiers

SOURCE = Path(__file__).with_name("loop.c")
Given = tuple[Candles, Payments, Tiers, Terms]
Timed = Callable[[], int]  # plays once; returns the trades


class AbsentError(Exception):
    """A yardstick cannot be used here; the text says why."""


def c_loop(given: Given, wallet_e8: int, folder: Path) -> tuple[Timed, Any]:
    """The loop of loop.c, and the array it leaves its trades in. Raises AbsentError."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise AbsentError("no gcc here")
    library = folder / "loop.so"
    flags = ["-O3", "-march=native", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, "-o", str(library), str(SOURCE)], check=True)
    loop = ctypes.CDLL(str(library)).loop
    loop.restype = ctypes.c_int64
    candles, payments, tiers, terms = given
    columns = [np.ascontiguousarray(column) for column in (*candles, *payments, *tiers)]
    numbers = np.array(terms[:-1], np.int64)  # all but the cap of the compiled walk
    trades = np.zeros(WIDTH * len(candles.slots), np.int64)
    wallet = np.zeros(1, np.int64)
    address = [ctypes.c_void_p(array.ctypes.data) for array in columns]

    def play() -> int:
        return int(
            loop(
                *address[:5],
                ctypes.c_int64(len(candles.slots)),
                *address[5:],
                ctypes.c_int64(len(tiers.caps_e8)),
                ctypes.c_void_p(numbers.ctypes.data),
                ctypes.c_int64(wallet_e8),
                ctypes.c_void_p(trades.ctypes.data),
                ctypes.c_void_p(wallet.ctypes.data),
            )
        )

    return play, trades


def vectorbt_run(candles: Candles, terms: Terms) -> Timed:
    """vectorbt with its own compiled loop and callbacks for cooldown, reversion and break-even.

    It fills at the close of the signal's candle instead of at the next open. Raises AbsentError.
    """
    try:
        from bench.vectorbt_rules import prepare
    except ImportError as error:
        raise AbsentError(f"vectorbt is not installed ({error})") from None
    return prepare(candles, terms)


def backtesting_run(candles: Candles, terms: Terms) -> Timed:
    """backtesting.py with a strategy class; fills at the next open. Raises AbsentError."""
    try:
        from bench.backtesting_rules import prepare
    except ImportError as error:
        raise AbsentError(f"backtesting.py is not installed ({error})") from None
    return prepare(candles, terms)
