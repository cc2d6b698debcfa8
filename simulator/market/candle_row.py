"""One row of a candle file: into a candle, or into words that say what is wrong with it.

Two passes because a year is 100,000 rows: the first only says yes or no, the second finds the
words. Must not accept a row that is not exactly what it says, and must not compare rows.
"""

from simulator.market.model import Candle
from simulator.market.plain_numbers import E8, Fractions, WholeParts, e8, e8_down
from simulator.market.text_file import MICROSECONDS_MIN, MS_MIN, time_ms

_COLUMNS = 6


class RowReader:
    """Reads the rows of one file. Prices in ticks, volume rounded down to lots."""

    def __init__(self, tick_e8: int, step_e8: int) -> None:
        """`tick_e8` in 1e-8 USDT, `step_e8` in 1e-8 of the base asset."""
        self._tick_e8 = tick_e8
        self._step_e8 = step_e8
        self._wholes = WholeParts(E8)
        self._fractions = Fractions(1)
        self._fractions_down = Fractions(1, round_down=True)

    def candle(self, line: str) -> Candle | None:
        """The candle, None for a row with any fault. Written out flat: this is the slow spot."""
        wholes, fractions, tick = self._wholes, self._fractions, self._tick_e8
        try:
            time, open_text, high_text, low_text, close_text, volume_text = line.split(",", 6)[:6]
            open_time_ms = int(time) if time.isdigit() and time.isascii() else 0
            if not MS_MIN <= open_time_ms < MICROSECONDS_MIN:
                open_time_ms = time_ms(time)
            whole, _, part = open_text.partition(".")
            opened = wholes[whole] + fractions[part]
            whole, _, part = high_text.partition(".")
            high = wholes[whole] + fractions[part]
            whole, _, part = low_text.partition(".")
            low = wholes[whole] + fractions[part]
            whole, _, part = close_text.partition(".")
            close = wholes[whole] + fractions[part]
            whole, _, part = volume_text.partition(".")
            volume = wholes[whole] + self._fractions_down[part]
        except ValueError:
            return None
        if not (0 < low <= opened <= high and low <= close <= high):
            return None
        if opened % tick or high % tick or low % tick or close % tick:
            return None
        return Candle(
            open_time_ms,
            opened // tick,
            high // tick,
            low // tick,
            close // tick,
            volume // self._step_e8,
        )

    def fault(self, line: str) -> tuple[int, str]:
        """Of a row that is no candle: its open time in ms (0 if unreadable), and what is wrong."""
        time, *fields = line.split(",", _COLUMNS)[:_COLUMNS]
        try:
            open_time_ms = time_ms(time)
        except ValueError as error:
            return 0, f"open time {error}"
        if len(fields) < _COLUMNS - 1:
            return open_time_ms, f"{1 + len(fields)} columns instead of {_COLUMNS}"
        try:
            prices = [
                self._price_e8(name, text)
                for name, text in zip(("open", "high", "low", "close"), fields, strict=False)
            ]
            e8_down(fields[4])
        except _FieldError as error:
            return open_time_ms, str(error)
        except ValueError:
            return open_time_ms, f"volume {fields[4][:30]!r} is no decimal number, 0 or more"
        return open_time_ms, _disagreement(fields, *prices)

    def _price_e8(self, name: str, text: str) -> int:
        try:
            price_e8 = e8(text)
        except ValueError:
            what = f"{name} {text[:30]!r} is no positive decimal number of at most 8 places"
            raise _FieldError(what) from None
        if price_e8 == 0:
            raise _FieldError(f"{name} is 0")
        if price_e8 % self._tick_e8:
            raise _FieldError(f"{name} {text} is off the tick")
        return price_e8


class _FieldError(ValueError):
    """What is wrong with one price, in words."""


def _disagreement(fields: list[str], opened: int, high: int, low: int, close: int) -> str:
    """How four good prices contradict each other."""
    if high < low:
        return f"high {fields[1]} is below low {fields[2]}"
    name, text = ("close", fields[3]) if low <= opened <= high else ("open", fields[0])
    assert name == "open" or not low <= close <= high, "a row without a fault was refused"
    return f"{name} {text} is outside low {fields[2]} to high {fields[1]}"
