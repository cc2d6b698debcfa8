"""The page: is the job well, what did it do and why, where did the money go, does it do what
the backtest says. Puts figures and words in order; computes nothing.
"""

from decimal import Decimal

from job.commands.status import alive, named
from job.report import duration_text, utc_text
from pages import bars, shell, words
from pages.words import Tile, Tone
from report import drawing
from report.subject import Subject, Symbol
from report.tables import against_backtest, failures, health_facts, settings, trades_table
from strategy.words import count_text

QUESTION = "Is the job well?"


def page_of(subject: Subject) -> str:
    """The whole page as text."""
    report = subject.firing.report
    synthetic = " (synthetic prices)" if report.prices else ""
    title = (
        f"{report.venue.upper()}{synthetic}, account {report.account}, "
        f"{named(symbol.name for symbol in subject.symbols)}: "
        f"{utc_text(subject.facts.since_ms)[:16]} to {utc_text(subject.now_ms)[:16]} UTC"
    )
    parts = [
        words.answer(title, QUESTION, *_answer(subject)),
        words.tiles(_tiles(subject)),
        *(_symbol(subject, symbol) for symbol in subject.symbols),
        _wallet(subject),
        _money(subject),
        words.section(
            "How the runs went",
            words.facts(health_facts(subject)),
            *failures(subject.health),
        ),
        *(_divergence(symbol) for symbol in subject.symbols),
        words.section("Settings, limits and switches", words.facts(settings(subject))),
    ]
    made = (
        f"python handler.py report, {utc_text(subject.now_ms)}. Times are UTC. `handler.py explain "
        "'TIME'` shows the arithmetic of the run of that time, and the rule that decided."
    )
    return shell.page(f"{report.venue.upper()} {report.account}: {QUESTION}", parts, made=made)


def _answer(subject: Subject) -> tuple[str, str, Tone]:
    """The worst that is to be said, first."""
    report = subject.firing.report
    faults = [f"{s.symbol}: {s.error}" for s in report.symbols if s.error] + report.failures
    flat = [s.symbol for s in report.symbols if s.position == "flat"]
    positions = [
        f"{s.symbol} {s.position}" + (f", protected: {s.protection}" if s.protection else "")
        for s in report.symbols
        if s.symbol not in flat
    ]
    position = "; ".join([*positions, *([f"{named(flat)} flat"] if flat else [])])
    told = f"{position}. {subject.results.sentence(',.2f')}."
    if faults:
        return "No.", f"{'; '.join(faults)}. {told}", "down"
    life = alive(subject.firing, subject.now_ms)
    if life.tone == "bad":
        why = life.text.partition(": ")[2]
        return "The job does not run.", f"{why[:1].upper()}{why[1:]}. {told}", "down"
    if life.tone == "doubt":
        return "There is no run yet.", told, "even"
    return "Yes.", told, "up"


def _tiles(subject: Subject) -> list[Tile]:
    report, results, health = subject.firing.report, subject.results, subject.health
    net = results.sums["net"]
    wallet = drawing.wallet_of(subject.facts.trades, subject.now_ms)
    life = alive(subject.firing, subject.now_ms)
    differing = sum(symbol.divergence.decisions for symbol in subject.symbols)
    compared = all(not symbol.divergence.why_not for symbol in subject.symbols)
    return [
        Tile("Wallet", f"{Decimal(report.balance):,.2f} USDT" if report.balance else "not known",
             "realised"),
        Tile("All trades, after costs", f"{net:+,.2f} USDT",
             f"gross {results.sums['gross']:+,.2f}, fees {results.sums['fees']:,.2f}, funding "
             f"{results.sums['funding']:,.2f}", _tone(net)),
        Tile("Deepest fall", f"{wallet.deepest:.1f} %" if wallet else "n/a",
             "of the wallet's peak"),
        Tile("Trades", str(results.trades), f"{count_text(_won(subject), 'gain')}"),
        Tile("Alive", life.text.partition(":")[0], life.text.partition(": ")[2],
             "down" if life.tone == "bad" else "up" if life.tone == "good" else "even"),
        Tile("Runs that failed", str(len({at for at, _ in health.failed})),
             f"of {health.runs:,}", "down" if health.failed else "even"),
        Tile("Without a stop", f"{health.bare_total_ms / 1000:.1f} s",
             "after all entries together"),
        Tile("Against the backtest", count_text(differing, "difference") if compared else "n/a",
             "in what was entered", "down" if differing else "even"),
    ]  # fmt: skip


def _won(subject: Subject) -> int:
    return sum(Decimal(trade["net"]) > 0 for trade in subject.facts.trades)


def _tone(value: Decimal) -> Tone:
    return "up" if value > 0 else "down" if value < 0 else "even"


def _symbol(subject: Subject, symbol: Symbol) -> str:
    """Candles with the trades on them, the open position's levels, and the table below."""
    trades = subject.facts.trades_of(symbol.name)
    running = symbol.work.notes.trade
    chart = ""
    if symbol.history is not None and len(symbol.history) and symbol.work.market is not None:
        chart = drawing.candles(
            symbol.history, symbol.work.market, trades, running, symbol.work.parameters
        )
    lead = f"{symbol.work.report.position}"
    if running is not None:
        held = duration_text(subject.now_ms - running.first_fill_ms)
        lead += f", since {utc_text(running.first_fill_ms)} ({held})"
    if symbol.work.report.protection:
        lead += f"; {symbol.work.report.protection} rest on the exchange"
    return words.section(
        f"{symbol.name}: the trades on their candles",
        chart,
        *trades_table(subject, symbol, trades),
        lead=lead[0].upper() + lead[1:] + "." + _last_word(subject, symbol),
    )


def _last_word(subject: Subject, symbol: Symbol) -> str:
    """What the newest run made of the newest candle: why there is a trade, or none."""
    last = subject.facts.newest(symbol.name)
    if last is None:
        return ""
    return f" Last decision {utc_text(last.asked.now_ms)}: {last.answered.reason}."


def _wallet(subject: Subject) -> str:
    wallet = drawing.wallet_of(subject.facts.trades, subject.now_ms)
    if wallet is None:
        return ""
    return words.section(
        "The wallet after costs",
        drawing.wallet_chart(wallet),
        lead="All finished trades of the journal, fees and funding paid. An open position counts "
        "when it has ended; money moved in or out does not count.",
    )


def _money(subject: Subject) -> str:
    """From what the trades made before costs to what was left."""
    sums = subject.results.sums
    if not subject.results.trades:
        return ""
    steps = [
        ("gross", sums["gross"]),
        ("fees", -sums["fees"]),
        ("funding", -sums["funding"]),
        ("net", sums["net"]),
    ]
    rows = [bars.Bar(name, float(value), f"{value:+,.2f} USDT") for name, value in steps]
    return words.section("Where the money went", bars.rows("", rows))


def _divergence(symbol: Symbol) -> str:
    found = symbol.divergence
    if found.why_not:
        return words.section(
            f"{symbol.name}: live against the backtest", lead=f"Not compared: {found.why_not}."
        )
    return words.section(
        f"{symbol.name}: live against the backtest",
        *against_backtest(symbol),
        lead=f"The same rules over the same candles since {utc_text(found.since_ms)}. Gaps above "
        "0 mean that live was worse.",
    )
