"""The page of one backtest: would it have made money, and where did the money go?

Figures come from the summary, their words from `telling`; here they are put in order. Must not
compute anything that the summary does not know or say it more kindly.
"""

from pathlib import Path
from typing import Any

from backtest import page_data, telling
from backtest.history import History
from backtest.lane import Outcome
from backtest.setup import Setup
from pages import bars, charts, shell, words
from pages.words import Tile, Tone
from strategy.instrument import scaled_text
from strategy.units import E8

TRADES_LISTED = 8

Figures = dict[str, Any]


def write_page(
    path: Path, outcome: Outcome, history: History, setup: Setup, summary: Figures
) -> None:
    """Write the page; opens offline, everything is in it."""
    shell.write(path, page(outcome, history, setup, summary))


def page(outcome: Outcome, history: History, setup: Setup, summary: Figures) -> str:
    """The page as text."""
    candles = _candles(outcome, history, setup)
    parts = [
        words.answer(telling.title(summary), telling.QUESTION, *_answer(summary["verdict"])),
        words.tiles(_tiles(summary)),
        _levels(outcome, history, setup),
        _money(summary),
        *((_ladder(summary),) if summary["trades"] and summary["ladder"] else ()),
        *((_trades(outcome, history, setup),) if summary["trades"] else ()),
        candles,
        words.section("Every figure", words.facts(telling.facts(summary))),
    ]
    made = f"python -m backtest run: {telling.title(summary)}. {telling.terms(setup)}."
    return shell.page(f"{summary['symbol']}: {telling.QUESTION}", parts, made=made)


def _answer(verdict: str) -> tuple[str, str, Tone]:
    """The verdict's word, what it says, and its colour."""
    word, _, said = verdict.partition(": ")
    tone: Tone = "up" if word.startswith("Yes") else "down" if word == "No" else "even"
    return f"{word}.", said[:1].upper() + said[1:], tone


def _tone(value: float | None) -> Tone:
    return "even" if not value else "up" if value > 0 else "down"


def _tiles(summary: Figures) -> list[Tile]:
    """The eight figures to know."""
    percent, number = telling.percent, telling.number
    expectancy, error = summary["expectancy_bp"], summary["expectancy_error_bp"]
    bearable, charged = summary["break_even_cost_bp"], summary["cost_bp"]
    fall = summary["max_drawdown_perc"]
    return [
        Tile("Wallet at the end", f"{telling.usdt(summary['wallet'])} USDT",
             f"of {telling.usdt(summary['balance'])}: {percent(summary['return_perc'])}",
             _tone(summary["net"])),
        Tile("Buy and hold", percent(summary["hold_return_perc"]),
             f"worst fall {summary['hold_drawdown_perc']:.1f} %"),
        Tile("A trade earns", "n/a" if expectancy is None else f"{expectancy:+.1f} bp",
             "" if error is None else f"of its size, ± {error:.1f} bp standard error",
             _tone(expectancy)),
        Tile("Costs it could bear", _bearable(bearable),
             "" if charged is None else f"a fill; it was charged {charged:.1f} bp"),
        Tile("Deepest fall", "n/a" if fall is None else f"{fall:.1f} %", "of the wallet's peak"),
        Tile("Trades", f"{summary['trades']:,}",
             "" if summary["win_rate_perc"] is None else f"{summary['win_rate_perc']:.1f} % won"),
        Tile("Profit factor", number(summary["profit_factor"]), "won / lost; below 1 is a loss"),
        Tile("Sharpe, Sortino", f"{number(summary['sharpe'])}, {number(summary['sortino'])}",
             "of daily returns, a year's worth"),
    ]  # fmt: skip


def _bearable(cost_bp: float | None) -> str:
    return "n/a" if cost_bp is None else f"{cost_bp:.1f} bp" if cost_bp > 0 else "none"


def _levels(outcome: Outcome, history: History, setup: Setup) -> str:
    levels = page_data.Levels(outcome, history, setup)
    panes = [
        [
            charts.Line("wallet", levels.wallet, unit=" USDT"),
            charts.Line("buy and hold", levels.hold, "faint", unit=" USDT"),
        ],
        [charts.Line("below the peak", levels.fall, "down", area=True, unit=" %", decimals=1)],
    ]
    return words.section(
        "The wallet, and how far below its peak",
        charts.level_chart("wallet, buy and hold, and drawdown", levels.start_ms, levels.step_ms,
                           panes),
        lead="Realised money after all costs. Buy and hold is the same money in the coin, without "
        "leverage or costs.",
    )  # fmt: skip


def _money(summary: Figures) -> str:
    """From what the trades made before costs to what was left."""
    steps = [
        ("trades, gross", summary["gross"]),
        ("fees", -summary["fees"]),
        ("funding", -summary["funding"]),
        ("net", summary["net"]),
    ]
    rows = [bars.Bar(name, value, f"{telling.usdt(value)} USDT") for name, value in steps]
    bearable = summary["break_even_cost_bp"]
    lead = ""
    if bearable is not None:
        lead = f"Break-even cost: {telling.bearable(bearable, summary['cost_bp'])}."
    return words.section("Where the money went", bars.rows("", rows), lead=lead)


def _ladder(summary: Figures) -> str:
    """What is left of a trade when fills are worse than assumed."""
    rungs = summary["ladder"]
    across, down = telling.ladder_axes(rungs)
    cells = iter(rung["expectancy_bp"] for rung in rungs)
    return words.section(
        "If fills were worse",
        bars.heat_map(
            "Net result of a trade in bp",
            ("slippage of every fill", [f"{bps} bp" for bps in across]),
            ("stops fill on the way to the worst price", [f"{share} %" for share in down]),
            [[next(cells) for _ in across] for _ in down],
        ),
        lead="No stop fills at its price when everybody wants out. What is green here only at the "
        "top left lives on fills that nobody gets.",
    )


def _trades(outcome: Outcome, history: History, setup: Setup) -> str:
    return words.section(
        "The trades",
        bars.columns("How many ended with which net result, in bp of the size",
                     page_data.distribution(outcome, setup), every=5,
                     note="The farthest 1 % are gathered in the outermost bars."),
        words.beside(
            bars.columns("By the hour they began, UTC: mean result in bp",
                         page_data.by_hour(outcome, history, setup), every=3, scale="{:+.1f}"),
            bars.columns("By weekday: mean result in bp",
                         page_data.by_weekday(outcome, history, setup), scale="{:+.1f}"),
        ),
        lead="Hours and weekdays are many guesses at once: one of them always looks good.",
    )  # fmt: skip


def _candles(outcome: Outcome, history: History, setup: Setup) -> str:
    contract = setup.contract
    decimals = len(scaled_text(0, contract.tick_e8).partition(".")[2])
    marks = list(page_data.marks_of(outcome, history))
    chart = charts.candle_chart(
        "candles with the trades on them", page_data.bars_of(history), contract.tick_e8 / E8,
        decimals, marks,
    )  # fmt: skip
    ranked = sorted(range(len(marks)), key=lambda number: marks[number].net)
    worst, best = ranked[:TRADES_LISTED], ranked[::-1][:TRADES_LISTED]
    tables = [
        f"<div><h3>{title}</h3>{_listed(numbers, marks)}</div>"
        for title, numbers in (("The worst", worst), ("The best", best))
        if marks
    ]
    return words.section(
        "Every trade on its candles",
        chart,
        words.beside(*tables),
        lead="Arrows are entries, dots are exits, green where the trade earned after costs. Zoom "
        "with the wheel or two fingers; a click on a row below goes to its trade.",
    )


def _listed(numbers: list[int], marks: list[charts.Mark]) -> str:
    rows = [
        (
            telling.moment(marks[number].entered_ms),
            "long" if marks[number].side > 0 else "short",
            marks[number].reason,
            f"{marks[number].net:+,.2f}",
        )
        for number in numbers
    ]
    heads = ("entry", "side", "ended by", "net USDT")
    return words.table(heads, rows, jumps=numbers, amounts="net USDT")
