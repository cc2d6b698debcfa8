"""A backtest's columns as the charts of its page take them. Floats, for the eye only."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate

from backtest import layout
from backtest.figures import mean_and_error
from backtest.history import History
from backtest.lane import Outcome
from backtest.rows import REASONS
from backtest.setup import Setup
from backtest.summary import nets_e8, results_bp
from pages.bars import Bar
from pages.charts import Bars, Mark
from strategy.units import E8
from strategy.words import count_text

_MINUTE_MS = 60_000
#: Steps of a chart of levels, and how many of them a chart has at most.
STEPS_MS = [minutes * _MINUTE_MS for minutes in (5, 15, 60, 240, 1440, 7 * 1440, 28 * 1440)]
STEPS_MAX = 1500
BINS = 40
#: Trades beyond these shares of the ranks are gathered in the outermost bins.
TAILS = (0.005, 0.995)
HOURS = [f"{hour:02d}" for hour in range(24)]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


class Levels:
    """The wallet, what holding would have come to, and the fall from the peak, step by step."""

    def __init__(self, outcome: Outcome, history: History, setup: Setup) -> None:
        """The wallet is the realised one, as trades end; holding is without leverage or costs."""
        first = bisect_left(history.times_ms, setup.start_ms)
        self.start_ms = history.times_ms[first]
        span_ms = history.times_ms[-1] + history.interval_ms - self.start_ms
        self.step_ms = next((s for s in STEPS_MS if span_ms <= STEPS_MAX * s), STEPS_MS[-1])
        moments = range(self.start_ms, self.start_ms + span_ms + self.step_ms, self.step_ms)
        ended_ms = [history.times_ms[index] for index in outcome.column(layout.T_LEFT)]
        wallets = [setup.balance_e8, *outcome.column(layout.T_WALLET)]
        self.wallet = [wallets[bisect_left(ended_ms, at)] / E8 for at in moments]
        self.wallet[-1] = outcome.state[layout.WALLET] / E8  # an open trade has paid its fee
        peaks = accumulate(self.wallet, max)
        self.fall = [
            100 * (level / peak - 1) if peak > 0 else None
            for level, peak in zip(self.wallet, peaks, strict=True)
        ]
        coins = setup.balance_e8 / E8 / history.closes[first]
        places = [max(first, bisect_right(history.times_ms, at) - 1) for at in moments]
        self.hold = [coins * history.closes[place] for place in places]


def bars_of(history: History) -> Bars:
    """The candles, ready for the chart."""
    return Bars(*history)


def marks_of(outcome: Outcome, history: History) -> Iterator[Mark]:
    """The trades, and the one that is still open, ready for the chart."""
    times_ms = history.times_ms
    nets = nets_e8(outcome)
    places = (layout.T_SIDE, layout.T_ENTERED, layout.T_ENTRY, layout.T_LEFT, layout.T_EXIT,
              layout.T_REASON)  # fmt: skip
    rows = zip(*(outcome.column(place) for place in places), nets, strict=True)
    for side, entered, entry, left, ended, reason, net in rows:
        yield Mark(side, times_ms[entered], entry, times_ms[left], ended, REASONS[reason], net / E8)
    state = outcome.state
    if state[layout.SIDE]:
        entered = times_ms[state[layout.ENTRY_INDEX]]
        yield Mark(state[layout.SIDE], entered, state[layout.ENTRY], 0, 0, "open", 0)


def distribution(outcome: Outcome, setup: Setup) -> list[Bar]:
    """How many trades ended with which result, in bp of the notional."""
    results = sorted(results_bp(outcome, setup))
    low, high = (results[round(share * (len(results) - 1))] for share in TAILS)
    width = next(w for w in (1, 2, 5, 10, 20, 50, 100, 1000, 10_000) if high - low <= BINS * w)
    first, last = int(low // width), int(high // width)
    counts = [0] * (last - first + 1)
    for result in results:
        counts[min(max(int(result // width), first), last) - first] += 1
    return [_bin(first + place, width, count) for place, count in enumerate(counts)]


def _bin(place: int, width: int, count: int) -> Bar:
    said = f"up to {(place + 1) * width:+d} bp: {count_text(count, 'trade')}"
    return Bar(f"{place * width:+d}", count, said, "up" if place >= 0 else "down")


def by_hour(outcome: Outcome, history: History, setup: Setup) -> list[Bar]:
    """Mean result of the trades that began in each hour of the day, in bp."""
    return _means(outcome, history, setup, HOURS, lambda moment: moment.hour)


def by_weekday(outcome: Outcome, history: History, setup: Setup) -> list[Bar]:
    """Mean result of the trades that began on each day of the week, in bp."""
    return _means(outcome, history, setup, WEEKDAYS, lambda moment: moment.weekday())


def _means(
    outcome: Outcome,
    history: History,
    setup: Setup,
    labels: Sequence[str],
    place_of: Callable[[datetime], int],
) -> list[Bar]:
    groups: list[list[float]] = [[] for _ in labels]
    for entered, result in zip(
        outcome.column(layout.T_ENTERED), results_bp(outcome, setup), strict=True
    ):
        moment = datetime.fromtimestamp(history.times_ms[entered] // 1000, UTC)
        groups[place_of(moment)].append(result)
    return [_mean(label, group) for label, group in zip(labels, groups, strict=True)]


def _mean(label: str, results: list[float]) -> Bar:
    if not results:
        return Bar(label, 0, "no trade")
    trades = count_text(len(results), "trade")
    mean = sum(results) / len(results)
    error = f" ± {mean_and_error(results)[1]:.1f}" if len(results) > 1 else ""
    return Bar(label, mean, f"{mean:+.1f}{error} bp, {trades}")
