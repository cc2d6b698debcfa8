"""The page's tables: trades with their reasons, health, differences, settings. Words only."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from statistics import mean

from job.commands.limit_lines import limits_off, limits_set
from job.commands.status import grouped, named
from job.report import utc_text
from job.telling import brake_text
from pages import words
from report.divergence import Pair
from report.health import FAILURES_SHOWN, Health, middle, share
from report.subject import Subject, Symbol
from state.brakes import brakes_on
from state.journal import Event
from strategy.parameters import Parameters
from strategy.words import count_text, parameters_text, percent, risk_sentence

TRADES_LISTED = 200
UNKNOWN = "its run is not in these days"


def trades_table(subject: Subject, symbol: Symbol, trades: Sequence[Event]) -> Iterator[str]:
    """Every trade, the newest first: why it was entered, how it ended, what it brought."""
    why = {asked.signal_ms: told.reason for asked, told in subject.facts.decided(symbol.name)}
    running = symbol.work.notes.trade
    if not trades and running is None:
        return
    places = range(len(trades))[::-1][:TRADES_LISTED]
    rows = [
        [
            utc_text(trade["entry_time"]),
            f"{Decimal(trade['net']):+,.2f}",
            f"{trade['side']} {trade['quantity']} at {_price(trade['entry_price'])}",
            f"{trade['reason']} at {_price(trade['exit_price'])}",
            utc_text(trade["exit_time"]),
            why.get(trade["signal_time"], UNKNOWN),
        ]
        for trade in (trades[place] for place in places)
    ]
    jumps = list(places)
    if running is not None:  # the chart's last mark
        jumps.insert(0, len(trades))
        entered = utc_text(running.first_fill_ms)
        what = symbol.work.report.position.replace(" from ", " at ")
        rows.insert(0, [entered, "", what, "open", "", why.get(running.signal_ms, UNKNOWN)])
    heads = ["entered", "net USDT", "what", "ended by", "ended", "why it was entered"]
    yield words.table(heads, rows, jumps=jumps, amounts="net USDT")


def _price(text: str) -> str:
    """An average price without the digits that nobody reads."""
    return f"{Decimal(text):.2f}" if len(text.partition(".")[2]) > 4 else text


def health_facts(subject: Subject) -> Iterator[tuple[str, str]]:
    """How the runs went."""
    health, asked = subject.health, subject.firing.job.config
    yield "runs", f"{health.runs:,} in these days"
    yield (
        "closes without a decision",
        f"{health.undecided:,} between the first and the last decision",
    )
    if health.late_ms:
        late = health.late_ms
        yield (
            "decided after the close",
            (
                f"median {middle(late) / 1000:.1f} s, 95 % within {share(late, 95) / 1000:.1f} s, "
                f"latest {late[-1] / 1000:.1f} s (an entry may leave within "
                f"{asked.entry_window_ms // 1000} s)"
            ),
        )
    if health.took_ms:  # the journal's record is written before the notes are
        took = health.took_ms
        told = f"median {middle(took):.0f} ms, longest {took[-1]:,} ms, before it saved its notes"
        yield "a run took", told
    known = [bare for bare in health.bare_ms if bare is not None]
    if health.bare_ms:
        worst = f", the longest {max(known) / 1000:.1f} s" if known else ""
        unknown = len(health.bare_ms) - len(known)
        rest = f"; of {unknown} more the journal does not tell"
        yield (
            "without a stop",
            (
                f"{health.bare_total_ms / 1000:.1f} s after {len(known)} of "
                f"{len(health.bare_ms)} entries{worst}, from the fill to the exchange's word that "
                f"the stop rests{rest if unknown else ''}"
            ),
        )
    yield "errors", count_text(len(health.failed), "line") if health.failed else "none"


def failures(health: Health) -> Iterator[str]:
    """What went wrong, the newest first."""
    if health.failed:
        rows = [[utc_text(at), text] for at, text in health.failed[:FAILURES_SHOWN]]
        yield words.table(["when", "what failed"], rows)


def against_backtest(symbol: Symbol) -> Iterator[str]:
    """Decisions that differ, and the gaps where both traded."""
    found = symbol.divergence
    yield words.facts(_gaps(found.pairs, found.decisions))
    rows = [[utc_text(at), "only live", text] for at, text in found.only_live]
    rows += [[utc_text(at), "only the backtest", text] for at, text in found.only_backtest]
    rows += [
        [utc_text(pair.signal_ms), "ended otherwise",
         f"live {pair.reason}, backtest {pair.reason_in_backtest}"]
        for pair in found.pairs if pair.reason != pair.reason_in_backtest
    ]  # fmt: skip
    if rows:
        yield words.table(["candle", "who entered", "what the job says"], sorted(rows)[::-1])


def _gaps(pairs: Sequence[Pair], decisions: int) -> Iterator[tuple[str, str]]:
    yield "entries that differ", str(decisions)
    yield "trades of both", str(len(pairs))
    if not pairs:
        return
    otherwise = sum(pair.reason != pair.reason_in_backtest for pair in pairs)
    yield "exits that differ", str(otherwise)
    for name, values in (
        ("entry price gap", [pair.entry_bp for pair in pairs]),
        ("exit price gap", [pair.exit_bp for pair in pairs]),
        ("funding gap", [pair.funding_bp for pair in pairs]),
    ):
        # z: what rounds to nothing has no sign
        yield name, f"mean {mean(values):+z.2f} bp, worst {max(values):+z.2f} bp of the size"


def _traded_by(parameters: Parameters) -> str:
    breakeven = percent(parameters.breakeven_trigger_ppm)
    return (
        f"{parameters_text(parameters)}, break-even at {breakeven} %, cooldown "
        f"{parameters.cooldown_bars} candles"
    )


def settings(subject: Subject) -> Iterator[tuple[str, str]]:
    """What it trades by, and what may stop it."""
    config, works = subject.firing.job.config, subject.firing.works
    for text, alike in grouped(works, lambda work: _traded_by(work.parameters)):
        yield named(work.symbol for work in alike), text
    fee_ppm = config.taker_fee_ppm
    for text, alike in grouped(works, lambda work: risk_sentence(work.parameters, fee_ppm)):
        yield f"risk of {named(work.symbol for work in alike)}", text
    yield "entry window", f"{config.entry_window_ms // 1000} s after a close"
    firing = subject.firing
    brakes = brakes_on(firing.notes, firing.exchange_now_ms())
    for brake in brakes:
        yield "entries", brake_text(brake)
    if not brakes:
        yield "switch", "not halted, and no limit has been reached"
    yield from limits_set(config.limits)
    off = limits_off(config.limits)
    if off:
        yield "not limited", ", ".join(off)
