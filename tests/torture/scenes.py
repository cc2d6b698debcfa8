"""The scenes: short scripted markets in which every kind of run happens.

Three candles make the average, 1 % opens a trade, the stop is 1 % and the target 2 % away. Prices
are ticks (BTCUSDT 0.1, ETHUSDT 0.01). The long of 98000 is filled at 98010: stop 97030, target
99970, break-even at a close of 98403, then stop 98108. The short of 102000 is filled at 101989:
stop 103009, target 99949, break-even at a close of 101581, then stop 101887. Runs come one second
after each close, guards on every full minute between. Candle 6 begins at midnight: funding.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from job.config import Config, load
from simulator.engine.model import Side
from simulator.engine.refused import Refused
from simulator.engine.requests import AlgoRequest, OrderRequest
from simulator.market.files import FileMarket
from simulator.market.model import Candle
from tests.torture.history import EVENT, GUARD, RUN, Due
from tests.torture.world import World

INTERVAL_MS = 300_000
MINUTE_MS = 60_000
#: 2023-11-14 23:30 UTC: six candles before midnight.
START_MS = 1_700_006_400_000 - 6 * INTERVAL_MS
RUN_AFTER_MS = 1_000
FIRST_RUN = 3
BTC, ETH = "BTCUSDT", "ETHUSDT"

Bar = tuple[int, int, int, int]
Act = Callable[[World], None]

SETTINGS = {
    "balance": "10000",
    "ma_length": "3",
    "threshold_perc": "1",
    "stop_loss_perc": "1",
    "profit_target_perc": "2",
    "breakeven_trigger_perc": "0.4",
    "breakeven_offset_perc": "0.1",
}


@dataclass(frozen=True)
class Happening:
    """Something that a person or the machine does, `after_ms` into a candle."""

    candle: int
    after_ms: int
    act: Act


@dataclass(frozen=True)
class Scene:
    """One script. `calm` candles are added at the end, standing at the last close."""

    name: str
    bars: Mapping[str, tuple[Bar, ...]]
    settings: tuple[str, ...] = ()
    happenings: tuple[Happening, ...] = ()
    guards: bool = True
    late_ms: int = RUN_AFTER_MS  # how long after the close the runs come
    again: bool = False  # every run is fired a second time, a minute later
    calm: int = 6
    foreign: bool = False  # other people trade too: no wallet sum can be asserted
    keeps: tuple[str, ...] = ()  # other people's orders that must still rest at the end
    kinds: Mapping[int, str] = field(default_factory=dict)  # what the run at each candle does

    @property
    def scripted(self) -> int:
        """How many candles the script itself has."""
        return len(next(iter(self.bars.values())))

    @property
    def candles(self) -> int:
        """How many candles there are, the calm ones included."""
        return self.scripted + self.calm

    def config(self, folder: Path) -> Config:
        """The job's configuration."""
        given = [f"{name}={value}" for name, value in SETTINGS.items()]
        tables = [f"symbols.{symbol}.ma_length=3" for symbol in self.bars]
        config = load({}, folder, None, [*given, *tables, *self.settings])
        return replace(config, state=folder / "state.json", journal=folder / "journal")

    def rows(self) -> dict[str, list[Candle]]:
        """The candles of every symbol."""
        rows = {}
        for symbol, bars in self.bars.items():
            last = bars[-1][3]
            full = [*bars, *[(last, last, last, last)] * self.calm]
            rows[symbol] = [
                Candle(START_MS + place * INTERVAL_MS, *bar, 1) for place, bar in enumerate(full)
            ]
        return rows

    def schedule(self) -> list[Due]:
        """Every run, guard and happening, in order of time."""
        dues = []
        for candle in range(FIRST_RUN, self.candles):
            open_ms = START_MS + candle * INTERVAL_MS
            dues.append(Due(open_ms + self.late_ms, RUN))
            if self.again:
                dues.append(Due(open_ms + self.late_ms + MINUTE_MS, RUN))
            if self.guards:
                dues += [Due(open_ms + n * MINUTE_MS, GUARD) for n in range(1, 5)]
        for each in self.happenings:
            at_ms = START_MS + each.candle * INTERVAL_MS + each.after_ms
            dues.append(Due(at_ms, EVENT, each.act))
        return sorted(dues, key=lambda due: due.at_ms)

    def world(self, folder: Path) -> World:
        """The scene before its first firing, in an empty folder."""
        market = FileMarket(INTERVAL_MS, self.rows(), "torture")
        return World(self.config(folder), market, folder, self.schedule(), START_MS)

    def run_ms(self, candle: int) -> int:
        """When the run at the beginning of this candle is due."""
        return START_MS + candle * INTERVAL_MS + self.late_ms

    @property
    def end_ms(self) -> int:
        """Where the last candle ends."""
        return START_MS + self.candles * INTERVAL_MS - 1


# What people and machines do.


def by_hand(side: Side, lots: int) -> Act:
    """A person's market order on BTC; the exchange may refuse people as well."""

    def act(world: World) -> None:
        with world.exchange.request() as engine, contextlib.suppress(Refused):
            engine.place(OrderRequest(BTC, side, "MARKET", lots))

    return act


def close_by_hand(world: World) -> None:
    """A person closes whatever the position is."""
    with world.exchange.request() as engine, contextlib.suppress(Refused):
        held = engine.position(BTC)
        if held is not None:
            side: Side = -1 if held.side > 0 else 1
            engine.place(OrderRequest(BTC, side, "MARKET", held.lots, reduce_only=True))


def resting_by_hand(world: World) -> None:
    """A person's own limit order and own stop."""
    with world.exchange.request() as engine, contextlib.suppress(Refused):
        engine.place(OrderRequest(BTC, 1, "LIMIT", 10, price_ticks=95_500, client_id="my-limit"))
        engine.place_algo(
            AlgoRequest(BTC, -1, "STOP_MARKET", 95_000, 10, reduce_only=True, client_id="my-stop")
        )


def leftovers(world: World) -> None:
    """Orders of ours from an earlier life rest in both books."""
    earlier = f"rv1-{BTC}-{world.clock.now_ms() // MINUTE_MS - 500}"
    with world.exchange.request() as engine:
        engine.place(
            OrderRequest(BTC, 1, "LIMIT", 10, price_ticks=95_500, client_id=f"{earlier}-EN0")
        )
        engine.place_algo(
            AlgoRequest(BTC, -1, "STOP_MARKET", 95_000, 10, reduce_only=True,
                        client_id=f"{earlier}-SL0")
        )  # fmt: skip


def lose_notes(world: World) -> None:
    """The state file is gone."""
    world.state_file.unlink(missing_ok=True)


def spoil_notes(world: World) -> None:
    """The state file is half of what it was."""
    if world.state_file.exists():
        data = world.state_file.read_bytes()
        world.state_file.write_bytes(data[: len(data) // 2])


# The scripts.

FLAT: Bar = (100_000, 100_000, 100_000, 100_000)
DIP: Bar = (100_000, 100_000, 98_000, 98_000)
RISE: Bar = (100_000, 102_000, 100_000, 102_000)
#: Three candles of calm, and one that closes 1.3 % under or over its average.
LONG = (FLAT, FLAT, FLAT, DIP)
SHORT = (FLAT, FLAT, FLAT, RISE)
HELD: Bar = (98_000, 98_300, 97_900, 98_100)
REVERTED: Bar = (98_100, 98_350, 98_050, 98_300)
AFTER: Bar = (98_300, 98_300, 98_300, 98_300)
ETH_SHORT = tuple((o * 2, h * 2, low * 2, c * 2) for o, h, low, c in SHORT)
ETH_HELD: Bar = (204_000, 204_100, 203_900, 204_000)
ETH_REVERTED: Bar = (204_000, 204_100, 202_900, 203_000)
ETH_AFTER: Bar = (203_000, 203_000, 203_000, 203_000)


def _btc(*bars: Bar) -> dict[str, tuple[Bar, ...]]:
    return {BTC: bars}


def _in(candle: int, seconds: int, act: Act) -> Happening:
    return Happening(candle, seconds * 1000, act)


SCENES = (
    Scene(
        "long-reverted",
        _btc(*LONG, HELD, REVERTED, AFTER),
        kinds={3: "first run", 4: "entry", 5: "hold", 6: "reversion exit", 7: "cooldown"},
    ),
    Scene(
        "short-breakeven",
        _btc(
            *SHORT,
            (102_000, 102_100, 101_400, 101_500),
            (101_500, 101_950, 101_450, 101_700),
            (101_700, 101_700, 101_700, 101_700),
        ),
        kinds={4: "entry", 5: "break-even move", 6: "stop filled between runs"},
    ),
    Scene(
        "long-stopped",
        _btc(*LONG, (98_000, 98_100, 96_900, 97_500), (97_500, 97_500, 97_500, 97_500)),
        kinds={4: "entry", 5: "stop filled between runs, signal in the cooldown"},
    ),
    Scene(
        "target-reentry",
        _btc(
            *LONG,
            (98_000, 100_600, 97_900, 100_550),
            (100_550, 100_700, 100_300, 100_400),
            (102_000, 102_100, 101_900, 102_000),
        ),
        ("cooldown_bars=0",),
        kinds={5: "target filled, re-entry at the same close", 7: "stopped at a gap"},
    ),
    Scene(
        "gap-without-guards",
        _btc(*LONG, (98_000, 98_050, 97_500, 97_600), (96_500, 96_600, 96_400, 96_500)),
        guards=False,
        kinds={4: "entry", 5: "hold", 6: "stopped at a gap"},
    ),
    Scene(
        "notes-lost",
        _btc(*LONG, HELD, REVERTED, AFTER),
        happenings=(_in(4, 150, lose_notes), _in(5, 150, lose_notes), _in(6, 150, lose_notes)),
        kinds={5: "adopt after lost notes", 6: "adopt and exit", 7: "cooldown from fills"},
    ),
    Scene(
        "stopped-notes-lost",
        _btc(*LONG, (98_000, 98_100, 96_900, 97_500), (97_500, 97_500, 97_500, 97_500)),
        happenings=(_in(4, 270, lose_notes),),
        kinds={5: "stop filled and notes lost between runs, signal in the cooldown"},
    ),
    Scene(
        "notes-spoilt",
        _btc(*LONG, HELD, REVERTED, AFTER),
        happenings=(_in(4, 150, spoil_notes), _in(6, 150, lose_notes)),
        kinds={5: "unreadable notes", 6: "exit with unreadable notes"},
    ),
    Scene(
        "foreign",
        _btc(*LONG, (98_000, 98_000, 96_000, 96_000), (96_000, 96_200, 95_900, 96_000),
             (96_000, 96_900, 96_000, 96_800), (96_800, 96_800, 96_800, 96_800)),
        happenings=(
            _in(3, 90, by_hand(1, 500)),
            _in(3, 95, resting_by_hand),
            _in(4, 90, close_by_hand),
        ),
        foreign=True,
        keeps=("my-limit", "my-stop"),
        kinds={4: "foreign position, signal", 5: "entry after it", 7: "reversion exit"},
    ),
    Scene(
        "hands",
        _btc(*LONG, HELD, (98_100, 98_150, 97_950, 98_000), (98_000, 98_050, 97_900, 98_000)),
        happenings=(
            _in(4, 90, by_hand(1, 300)),
            _in(5, 90, by_hand(-1, 500)),
            _in(6, 90, close_by_hand),
        ),
        foreign=True,
        kinds={5: "enlarged by hand", 6: "reduced by hand", 7: "closed by hand"},
    ),
    Scene(
        "two-symbols",
        {
            BTC: (*LONG, HELD, REVERTED, AFTER),
            ETH: (*ETH_SHORT, ETH_HELD, ETH_REVERTED, ETH_AFTER),
        },
        kinds={4: "two entries", 5: "hold", 6: "exit, hold", 7: "cooldown, exit"},
    ),
    Scene(
        "exit-and-reentry",
        _btc(
            *LONG,
            (98_000, 99_600, 97_900, 99_500),
            (99_500, 99_500, 96_500, 96_500),
            (96_500, 96_700, 96_300, 96_600),
            (96_600, 97_700, 96_500, 97_600),
        ),
        ("cooldown_bars=0",),
        kinds={4: "entry", 5: "reversion exit", 6: "entry", 7: "hold", 8: "reversion exit"},
    ),
    Scene(
        "leftovers",
        _btc(*LONG, HELD, REVERTED, AFTER),
        happenings=(_in(3, 150, leftovers), _in(6, 150, leftovers)),
        kinds={4: "entry after a sweep", 6: "reversion exit"},
    ),
    Scene(
        "fired-twice",
        _btc(*LONG, HELD, REVERTED, AFTER),
        again=True,
        kinds={4: "entry, then fired again", 5: "hold", 6: "reversion exit, then fired again"},
    ),
    Scene(
        "fired-late",
        _btc(*LONG, HELD, REVERTED, AFTER),
        late_ms=130_000,
        kinds={4: "too late for the entry"},
    ),
)  # fmt: skip
BY_NAME = {scene.name: scene for scene in SCENES}
