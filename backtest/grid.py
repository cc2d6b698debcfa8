"""Which combinations of settings a sweep tries: `threshold_perc=0.2:2.0:0.1`, values and ranges.

Exact decimals: a range is counted in Decimal and includes its end. A combination is made from its
number when it is played, so a grid of a million is no bigger in memory than one of ten. Must not
drop a combination silently: what cannot be traded is a fault that goes into the results.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from typing import NamedTuple

from strategy import parameters
from strategy.parameters import Parameters, decimal_of, whole_units

#: Values on one axis; more is a slip of the keyboard (a step of 0.0001 for 0.1).
VALUES_MAX = 10_000
_SETTINGS = {setting.name: setting for setting in parameters.SETTINGS}


class GridError(ValueError):
    """A grid that cannot be tried. `faults` has one line each: axis, value, what would be right."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Keep every fault."""
        super().__init__("; ".join(faults))
        self.faults = list(faults)


class Axis(NamedTuple):
    """One setting and the values it takes, as texts."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """Axes, and the settings that are the same in every combination. No axis: one combination."""

    axes: tuple[Axis, ...]
    fixed: Mapping[str, str]

    def __len__(self) -> int:
        """Combinations."""
        return prod(len(axis.values) for axis in self.axes)

    def places(self, number: int) -> list[int]:
        """The place on each axis of combination `number`; the last axis turns fastest."""
        places = []
        for axis in reversed(self.axes):
            number, place = divmod(number, len(axis.values))
            places.append(place)
        return places[::-1]

    def values(self, number: int) -> tuple[str, ...]:
        """The values of combination `number`, in the order of the axes."""
        places = self.places(number)
        return tuple(axis.values[place] for axis, place in zip(self.axes, places, strict=True))

    def parameters(self, number: int) -> Parameters:
        """All settings of combination `number`. Raises ParameterFaultsError."""
        names = (axis.name for axis in self.axes)
        return parameters.parse(
            {**self.fixed, **dict(zip(names, self.values(number), strict=True))}
        )


def read_grid(texts: Sequence[str], fixed: Mapping[str, str]) -> Grid:
    """The grid of --grid NAME=VALUES texts. Raises GridError with every fault.

    Every value must be right by itself; two values that do not go together (a break-even offset
    beyond its trigger) are a fault of their combinations only.
    """
    faults: list[str] = []
    axes: dict[str, Axis] = {}
    for text in texts:
        key, equals, listed = (part.strip() for part in text.partition("="))
        name = key.removeprefix("strategy.")
        if not equals:
            faults.append(f"--grid {text}: must be name=values, e.g. threshold_perc=0.2:2.0:0.1")
        elif name not in _SETTINGS:
            known = ", ".join(sorted(_SETTINGS))
            faults.append(f"--grid {name}: no setting that can be varied; there are {known}")
        elif name in axes:
            faults.append(f"--grid {name}: comes twice; give all its values in one --grid")
        elif name in fixed:
            faults.append(f"--grid {name}: stands in --set as well; leave it out of one of them")
        else:
            axes[name] = Axis(name, tuple(_values(name, listed, faults)))
    if faults:
        raise GridError(faults)
    return Grid(tuple(axes.values()), dict(fixed))


def _values(name: str, listed: str, faults: list[str]) -> list[str]:
    """The values of one axis in the order they are named, each right by itself."""
    found: list[str] = []
    for part in listed.split(","):
        try:
            numbers = list(_numbers(part.strip()))
            for number in numbers:
                whole_units(_SETTINGS[name], number)
            found += [_plain(number) for number in numbers]
        except ValueError as error:
            faults.append(f"--grid {name} = {part.strip()!r}: {error}")
    if len(set(found)) < len(found):
        twice = next(value for value in found if found.count(value) > 1)
        faults.append(f"--grid {name} = {listed!r}: {twice} comes twice")
    return found


def _numbers(part: str) -> Iterator[Decimal]:
    """One value, or every value of START:END:STEP, the end included. Raises ValueError."""
    if ":" not in part:
        yield decimal_of(part)
        return
    ends = [decimal_of(text) for text in part.split(":")]
    if len(ends) != 3:
        raise ValueError("must be START:END:STEP, e.g. 0.2:2.0:0.1")
    start, end, step = ends
    if step <= 0 or end < start:
        raise ValueError("START:END:STEP must rise: a STEP above 0, an END not below START")
    steps, rest = divmod(end - start, step)
    if rest:
        last = start + steps * step
        raise ValueError(f"no whole number of steps; END could be {last} or {last + step}")
    if steps >= VALUES_MAX:
        raise ValueError(f"{steps + 1} values; at most {VALUES_MAX} on an axis")
    yield from (start + place * step for place in range(int(steps) + 1))


def _plain(number: Decimal) -> str:
    """0.20 and 2E-1 are 0.2."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
