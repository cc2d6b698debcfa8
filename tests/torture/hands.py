"""Hands at every operation: somebody acts right before any step of a run, or of the guard after it.

What the firing has read is then no longer so. People trade on top of our position only while we
hold one: lots they had before our entry cannot be told from ours by fills.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

from simulator.engine.engine import Engine
from simulator.engine.model import Position, Side
from simulator.engine.refused import Refused
from simulator.engine.requests import OrderRequest
from tests.torture.cases import Case, Played, Theatre, judge, naked_bound_ms, play_out
from tests.torture.history import GUARD, Hand
from tests.torture.scenes import BTC, lose_notes
from tests.torture.world import World

Act = Callable[[World], bool]
STOP, TARGET = "STOP_MARKET", "TAKE_PROFIT_MARKET"
#: A person who takes the stop away leaves the position without it, until a guard comes.
TAKEN_AWAY = "was left without its stop"


class Doing(NamedTuple):
    """Something to do, and whether it takes our stop away."""

    name: str
    act: Act
    takes_stop: bool = False


def _with_position(act: Callable[[Engine, Position], object]) -> Act:
    def acted(world: World) -> bool:
        with world.exchange.request() as engine, suppress(Refused):
            held = engine.position(BTC)
            if held is not None:
                act(engine, held)
                return True
        return False

    return acted


def _trade(engine: Engine, side: int, lots: int) -> None:
    way: Side = 1 if side > 0 else -1
    engine.place(OrderRequest(BTC, way, "MARKET", lots))


def _on_ours(kinds: tuple[str, ...], act: Callable[[Engine, int], object]) -> Act:
    """Do something to our resting conditional orders of these kinds."""

    def acted(world: World) -> bool:
        with world.exchange.request() as engine:
            found = [a for a in engine.open_algos(BTC) if a.client_id.startswith("rv1-")]
            chosen = [algo.algo_id for algo in found if algo.type in kinds]
            for algo_id in chosen:
                act(engine, algo_id)
        return bool(chosen)

    return acted


def _cancel(engine: Engine, algo_id: int) -> None:
    engine.cancel_algo(algo_id)


def _fire(engine: Engine, algo_id: int) -> None:
    engine.trigger_algo(algo_id, "")


def _lose_notes(world: World) -> bool:
    there = world.state_file.exists()
    lose_notes(world)
    return there


DOINGS = (
    Doing("enlarged", _with_position(lambda engine, held: _trade(engine, held.side, 300))),
    Doing("reduced", _with_position(lambda engine, held: _trade(engine, -held.side, 300))),
    Doing("closed", _with_position(lambda engine, held: _trade(engine, -held.side, held.lots))),
    Doing(
        "turned", _with_position(lambda engine, held: _trade(engine, -held.side, held.lots + 700))
    ),
    Doing("liquidated", _with_position(lambda engine, held: engine.liquidate(held.symbol))),
    Doing("the stop fires", _on_ours((STOP,), _fire)),
    Doing("the target fires", _on_ours((TARGET,), _fire)),
    Doing("the stop is deleted", _on_ours((STOP,), _cancel), takes_stop=True),
    Doing("the target is deleted", _on_ours((TARGET,), _cancel)),
    Doing("all is deleted", _on_ours((STOP, TARGET), _cancel), takes_stop=True),
    Doing("the notes are lost", _lose_notes),
)


def play_hand(stage: Theatre, candle: int, doing: Doing, firing: int, op: int) -> Played:
    """One hand at one operation: of the run at this candle (firing 0), or of a later firing."""
    world = stage.world
    world.restore(stage.before[candle])
    world.hand = Hand(firing, op, doing.name, doing.act)
    play_out(world, stage.scene)
    broken, checks, worst_ms = judge(world, stage.scene, foreign=True)
    if doing.takes_stop:
        broken = tuple(text for text in broken if TAKEN_AWAY not in text)
    return Played(
        Case(f"{stage.scene.name}/{doing.name} at {firing}:{op}", candle, ()),
        broken,
        checks,
        worst_ms,
        bound_ms=naked_bound_ms(world),
        struck=tuple(world.struck),
        firings=tuple(world.firings),
    )


def hands(stage: Theatre, candle: int, stride: int = 1) -> Iterator[Played]:
    """Everything that can be done, at every operation of the run and of the guard after it."""
    if stage.scene.foreign:
        return
    stage.play(Case(stage.scene.name, candle, ()))
    fired = stage.world.firings
    guard = next((firing for firing in fired[1:] if firing.what == GUARD), None)
    places = [
        (each.number, op) for each in (fired[0], guard) if each for op in range(len(each.names))
    ]
    number = candle  # another beginning for each, so that a sample is not always of the same hands
    for firing, op in places:
        for doing in DOINGS:
            number += 1
            if number % stride == 0:
                played = play_hand(stage, candle, doing, firing, op)
                if played.struck:
                    yield played
