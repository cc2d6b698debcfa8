"""What a person types and sees: the command line in this process, on candle files of a test.

With a table of price files each `run` is the next candle; the first decides as soon as there is
an average. Nothing here waits, and nothing can leave the machine.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from handler import PAGES
from job.commands.command_line import main
from job.outside import Outside, VirtualClock
from tests.oracle.planted import START_MS, Series, write_csv
from tests.oracle.planted_base import NO_FUNDING, PARAMS


@dataclass
class Typed:
    """How a command ended and what it printed."""

    status: int
    out: list[str]
    err: list[str]

    @property
    def told(self) -> str:
        """Everything that was printed."""
        return "\n".join(self.out + self.err)

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON line on stdout."""
        [line] = self.out
        found: dict[str, Any] = json.loads(line)
        return found


@dataclass
class Terminal:
    """A home folder (that of handler.py) and a way to type commands in it."""

    home: Path
    capsys: pytest.CaptureFixture[str]
    environment: dict[str, str] = field(default_factory=dict)
    now_ms: int = START_MS

    def type(self, *arguments: str) -> Typed:
        """Run one command line."""
        self.capsys.readouterr()
        try:
            outside = Outside(VirtualClock(self.now_ms), self.environment, lambda: "0123456789ab")
            status = main(list(arguments), self.home, outside, PAGES)
        except SystemExit as end:
            status = int(end.code or 0)
        printed = self.capsys.readouterr()
        return Typed(status, printed.out.splitlines(), printed.err.splitlines())

    def configure(self, text: str) -> None:
        """Write config.toml."""
        (self.home / "config.toml").write_text(text, encoding="utf-8")

    def on_candles(self, scripts: Series | Mapping[str, Series], *lines: str) -> None:
        """A configuration on price files made of scripts, with the usual parameters."""
        by_symbol = scripts if isinstance(scripts, Mapping) else {"BTCUSDT": scripts}
        text = [*lines, "funding = false", "[prices]"]
        for symbol, series in by_symbol.items():
            write_csv(series.candles(), self.home / f"{symbol}.csv")
            text.append(f'{symbol} = "{symbol}.csv"')
        text += ["[strategy]", *(f"{name} = {value}" for name, value in PARAMS.items())]
        text += [f"[symbols.{symbol}]" for symbol in by_symbol]
        self.configure("\n".join(text) + "\n")

    def replay(self, series: Series, *arguments: str) -> Typed:
        """The replay of a script with the usual parameters, by options alone."""
        file = self.home / "candles.csv"
        write_csv(series.candles(), file)
        sets = [f"--set={name}={value}" for name, value in {**PARAMS, **NO_FUNDING}.items()]
        return self.type("replay", f"--candles=BTCUSDT={file}", *sets, *arguments)

    def files(self) -> dict[str, bytes]:
        """Every file of the home folder but locks, with its content."""
        found = [path for path in self.home.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.home)): path.read_bytes()
            for path in found
            if path.suffix != ".lock"
        }
