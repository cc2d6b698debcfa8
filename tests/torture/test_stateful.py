"""Random sequences of candles, runs, guards, faults and people: whatever happens, calm returns.

The exhaustive part is `enumerate`; this one looks for what nobody thought of. Derandomised: the
same sequences in every run of the tests.
"""

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from simulator.engine.refused import Refused
from simulator.market.files import FileMarket
from simulator.market.model import Candle
from tests.torture.cases import judge
from tests.torture.history import GUARD, RUN
from tests.torture.menu import ITEMS, Item, post
from tests.torture.scenes import (
    BTC,
    INTERVAL_MS,
    MINUTE_MS,
    START_MS,
    Scene,
    by_hand,
    close_by_hand,
    lose_notes,
    spoil_notes,
)
from tests.torture.seam import COMMON, NOTES_FAULTS, SPOILT, Fault
from tests.torture.world import World, quiet_logs

HOME = 100_000
FLAT = (HOME, HOME, HOME, HOME)
KINDS = (*COMMON, *SPOILT, *sorted({kind for kinds in NOTES_FAULTS.values() for kind in kinds}))
HAPPENINGS = [item for item in ITEMS if item.number in (11, 15, 16, 17, 18, 22, 24, 28)]
#: Close over open, in permille: enough to enter, to move a stop, to revert, to be stopped.
MOVES = st.sampled_from([-25, -15, -6, -2, 0, 2, 5, 6, 15, 25])
FAULTS = st.none() | st.tuples(st.integers(0, 22), st.sampled_from(KINDS), st.sampled_from((1, 2)))


#: Candles that stand still ahead of the clock, so that frozen machines wake on the market.
AHEAD = 12


class GrowingMarket(FileMarket):
    """The candle that runs is settled; what comes after it can still be written."""

    def __init__(self) -> None:
        rows = [Candle(START_MS + place * INTERVAL_MS, *FLAT, 1) for place in range(4 + AHEAD)]
        super().__init__(INTERVAL_MS, {BTC: rows}, "growing")

    def next_candle(self, now_ms: int, gap: int, close: int, high: int, low: int) -> int:
        """Write the candle after the one that runs, in permille of its open; when it opens."""
        rows, times = self._candles[BTC], self._times[BTC]
        while times[-1] > now_ms:
            rows.pop()
            times.pop()
        opened = rows[-1].close * (1000 + gap) // 1000
        closed = opened * (1000 + close) // 1000
        top = max(opened, closed) * (1000 + high) // 1000
        bottom = min(opened, closed) * (1000 - low) // 1000
        self._add(opened, top, bottom, closed)
        for _ in range(AHEAD):
            self._add(closed, closed, closed, closed)
        return times[-1 - AHEAD]

    def _add(self, opened: int, top: int, bottom: int, closed: int) -> None:
        at_ms = self._times[BTC][-1] + INTERVAL_MS
        self._candles[BTC].append(Candle(at_ms, opened, top, bottom, closed, 1))
        self._times[BTC].append(at_ms)


class Torture(RuleBasedStateMachine):
    """One account, some hours of it."""

    @initialize(cooldown=st.sampled_from([0, 1, 3]))
    def begin(self, cooldown: int) -> None:
        quiet_logs()
        self.folder = tempfile.TemporaryDirectory()
        self.scene = Scene("random", {BTC: (FLAT,) * 4}, (f"cooldown_bars={cooldown}",))
        self.market = GrowingMarket()
        folder = Path(self.folder.name)
        self.world = World(self.scene.config(folder), self.market, folder, [], START_MS)
        self.world.thorough = True
        self.world.clock.move_to(START_MS + 3 * INTERVAL_MS + 1_000)
        self.world.fire(RUN)

    def fire(self, what: str, fault: tuple[int, str, int] | None) -> None:
        """One firing, maybe with a fault in it."""
        if fault is not None:
            op, kind, times = fault
            self.world.faults_armed = [Fault(len(self.world.firings), op, kind, times)]
        self.world.fire(what)
        self.world.faults_armed = []

    @rule(
        gap=st.sampled_from([0, 0, 0, -12, 12]),
        close=MOVES,
        high=st.sampled_from([0, 1, 11, 21]),
        low=st.sampled_from([0, 1, 11, 21]),
        fault=FAULTS,
    )
    def candle(
        self, gap: int, close: int, high: int, low: int, fault: tuple[int, str, int] | None
    ) -> None:
        now_ms = self.world.clock.now_ms()
        opens_ms = self.market.next_candle(now_ms, gap, close, high, low)
        self.world.clock.move_to(opens_ms + 1_000)
        self.fire(RUN, fault)

    @rule(fault=FAULTS)
    def guard(self, fault: tuple[int, str, int] | None) -> None:
        self.world.clock.sleep_ms(MINUTE_MS)
        self.fire(GUARD, fault)

    @rule(fault=FAULTS)
    def run_again(self, fault: tuple[int, str, int] | None) -> None:
        self.fire(RUN, fault)

    @rule(side=st.sampled_from((1, -1)), lots=st.sampled_from((100, 2_000)))
    def somebody_trades(self, side: int, lots: int) -> None:
        with suppress(Refused):  # too large, or in hedge mode
            by_hand(1 if side > 0 else -1, lots)(self.world)

    @rule()
    def somebody_closes(self) -> None:
        close_by_hand(self.world)

    @rule()
    def the_notes_are_lost(self) -> None:
        lose_notes(self.world)

    @rule()
    def the_notes_are_spoilt(self) -> None:
        spoil_notes(self.world)

    @rule(item=st.sampled_from(HAPPENINGS))
    def the_exchange_misbehaves(self, item: Item) -> None:
        for body in item.arm:
            post(self.world, "POST", body)

    @rule()
    def calm(self) -> None:
        """Faults end, people go, and after two closes everything is as it should be."""
        post(self.world, "DELETE", None)
        spoilt = self.world.state_file
        if spoilt.exists() and not spoilt.read_bytes().endswith(b"}\n"):
            spoilt.unlink()  # a person moves unreadable notes away
        self.world.faults_armed, self.world._again = [], []
        for _ in range(3):
            opens_ms = self.market.next_candle(self.world.clock.now_ms(), 0, 0, 0, 0)
            self.world.clock.move_to(opens_ms + 1_000)
            self.world.fire(RUN)
            self.world.clock.sleep_ms(MINUTE_MS)
            self.world.fire(GUARD)
        broken, _, _ = judge(self.world, self.scene, foreign=True)
        assert broken == ()

    def teardown(self) -> None:
        """Every sequence ends calm."""
        if hasattr(self, "world"):
            self.calm()
            self.folder.cleanup()


TestTorture = Torture.TestCase
TestTorture.settings = settings(
    max_examples=60,
    stateful_step_count=14,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
