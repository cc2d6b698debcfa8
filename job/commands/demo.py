"""What `make run` plays: a day of the real job on the embedded exchange, then one run now.

Settings of the machine it runs on are ignored: no config file, no environment, no credentials.
The prices are synthetic and say so; the code is the one that trades live.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from job import config as configuration
from job.commands.fire import fire
from job.commands.progress import Progress
from job.config import Config
from job.embedded import contracts_of, market_of
from job.outside import Outside
from job.replay import Replayed, play, set_stage
from job.report import Report, stamped
from strategy.units import DAY_MS

FOLDER = Path("var/demo-run")


def play_demo(home: Path, outside: Outside, write_page: Callable[[Config, Outside], None]) -> int:
    """Play yesterday until now into `home`/var/demo-run (which must not exist), then run once;
    `write_page` makes the page about it where the configuration's `report` says.
    """
    folder = home / FOLDER
    folder.mkdir(parents=True)
    config = configuration.load({}, folder)
    interval_ms = config.common.interval_ms
    end_ms = outside.clock.now_ms() // interval_ms * interval_ms
    result = _day(config, folder, end_ms)
    for line in stamped(result.sentences(), end_ms, "embedded", "synthetic"):
        print(line)
    now = replace(
        config,
        state=folder / "state.json",
        journal=folder / "journal",
        paper=folder / "paper.json",
        report=folder / "report.html",
    )
    print("\nAnd now one run, as a timer would fire it:\n")
    outside = replace(outside, environment={})
    report = fire("run", now, outside, ignore_window=True)
    for line in report.lines():
        print(line)
    write_page(now, outside)
    print(_where(folder))
    return report.exit_code


def _day(config: Config, folder: Path, end_ms: int) -> Replayed:
    market = market_of(config, contracts_of(config))
    warm_ms = config.common.ma_length * config.common.interval_ms
    start_ms = end_ms - DAY_MS - warm_ms
    print(
        "A day of 5-minute candles, one run after each close. "
        "The prices are synthetic: an invented market, not a real one.\n"
    )
    stage = set_stage(config, folder, market, start_ms)

    def tell(report: Report) -> None:
        for symbol in report.symbols:
            if symbol.orders or symbol.ended or symbol.error:
                for line in report.lines():
                    print(line)

    return play(stage, start_ms + warm_ms, end_ms, Progress("a day of runs"), tell)


def _where(folder: Path) -> str:
    return f"""
Open {folder / "report.html"} in a browser: every trade on its candles, and why.
What else happened lies in {folder}:
  trades.csv     every finished trade, after costs
  journal/       every order, fill and decision, one JSON line each
  state.json     what the job remembers between runs
  paper.json     the embedded exchange's own books
The arithmetic of that run:
  .venv/bin/python handler.py --set journal={FOLDER}/journal explain last
Next: `.venv/bin/python handler.py run --now` runs on an account of its own in var/embedded;
README.md says how to go to Binance's demo, and what to expect of this strategy."""
