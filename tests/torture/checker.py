"""The judge: do the invariants hold? It believes nothing the job says.

It looks at the exchange's own books and at the journal's lines only, and works out trades, levels,
cooldowns and sizes by itself (docs/invariants.md has the names). Must not import the job's rules.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from tests.torture.facts import Facts, Journalled, sum_e8
from tests.torture.owned import Owned, Terms, guards, leg_of, levels, naked, own_signal, trades_of

ENTRY_WINDOW_MS = 90_000
FENCE_MS = 5_000
#: How far two clocks may be apart.
CLOCKS_MS = 1_000
HEX_SIGNATURE = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass
class Verdict:
    """What the checker found. `worst_ms`: the longest time a position of ours was naked."""

    broken: list[str] = field(default_factory=list)
    checks: int = 0
    worst_ms: int = 0

    def demand(self, holds: bool, text: str) -> None:
        """One check."""
        self.checks += 1
        if not holds:
            self.broken.append(text)


def check(
    facts: Facts,
    journal: Journalled,
    terms: Mapping[str, Terms],
    *,
    foreign: bool = False,
    clocks_ms: int = CLOCKS_MS,
) -> Verdict:
    """Every invariant that can be seen from outside, once everything has calmed down.

    `foreign`: other people traded too, so that no sum of the wallet can be asserted.
    `clocks_ms`: how far the clocks may have been apart.
    """
    verdict = Verdict()
    ended: list[Owned] = []
    for symbol, agreed in terms.items():
        trades = trades_of(facts.hits, symbol)
        _one_entry(verdict, facts, journal, symbol, agreed, clocks_ms)
        _sizes(verdict, facts, trades, agreed)
        _protected(verdict, facts, symbol, trades, agreed)
        _cooldown(verdict, trades, agreed)
        _strangers(verdict, facts, symbol, trades)
        bare = naked(facts, symbol, trades, agreed)
        verdict.worst_ms = max(verdict.worst_ms, bare.worst_ms)
        verdict.demand(not bare.taken_away, f"I2 protected: {symbol} was left without its stop")
        ended += [trade for trade in trades if trade.ended_ms]
    _no_orphans(verdict, facts)
    _books(verdict, facts, journal, ended, foreign=foreign)
    return verdict


def settled(facts: Facts, terms: Mapping[str, Terms]) -> list[str]:
    """I2 and I3 alone: what must hold whenever a run or a guard has completed."""
    verdict = Verdict()
    for symbol, agreed in terms.items():
        _protected(verdict, facts, symbol, trades_of(facts.hits, symbol), agreed)
    _no_orphans(verdict, facts)
    return verdict.broken


def _one_entry(
    verdict: Verdict,
    facts: Facts,
    journal: Journalled,
    symbol: str,
    agreed: Terms,
    clocks_ms: int,
) -> None:
    """I1: one entry a candle, planned before, inside its fence and its window."""
    filled: dict[int, list[str]] = {}
    for order in facts.orders:
        own = leg_of(order.client_id)
        if order.symbol == symbol and own and own[1] == "EN" and order.filled_lots:
            filled.setdefault(own[0], []).append(order.client_id)
            planned = [
                event["at_ms"]
                for event in journal.of("plan")
                if event["symbol"] == symbol
                and -clocks_ms <= order.time_ms - event["at_ms"] <= FENCE_MS + clocks_ms
            ]
            verdict.demand(
                bool(planned),
                f"I1 one entry a candle: {order.client_id} filled outside the fence of its plan",
            )
            late_ms = order.time_ms - own[0] - agreed.interval_ms
            verdict.demand(
                0 <= late_ms <= ENTRY_WINDOW_MS + FENCE_MS,
                f"I1 one entry a candle: {order.client_id} filled {late_ms} ms after its close",
            )
    for signal_ms, ids in filled.items():
        verdict.demand(
            len(ids) == 1, f"I1 one entry a candle: {len(ids)} entries filled for {signal_ms}"
        )


def _sizes(verdict: Verdict, facts: Facts, trades: Sequence[Owned], agreed: Terms) -> None:
    """I1: never larger than the wallet of that time allows; one position at a time."""
    for trade in trades:
        wallet = facts.opened_e8  # the wallet is at most what was paid in and won before
        wallet += sum(hit.realised_e8 for hit in facts.hits
                      if hit.time_ms <= trade.began_ms and hit.realised_e8 > 0)  # fmt: skip
        close = agreed.closes[trade.signal_ms]
        by_risk = wallet * agreed.risk_ppm // (close * agreed.unit_e8 * agreed.stop_ppm)
        by_exposure = wallet * agreed.exposure_permille // (close * agreed.unit_e8 * 1000)
        most = min(by_risk, by_exposure, agreed.market_max_lots)
        verdict.demand(
            trade.entry_lots <= most,
            f"I1 one entry a candle: {trade.entry_lots} lots entered, sized at most {most}",
        )


def _protected(
    verdict: Verdict, facts: Facts, symbol: str, trades: Sequence[Owned], agreed: Terms
) -> None:
    """I2: one stop for the whole of ours, where it belongs and never wider again; one target."""
    trade = trades[-1] if trades and trades[-1].open_lots else None
    if trade is None:
        return
    ours = [c for c in facts.conditionals if c.symbol == symbol and leg_of(c.client_id)]
    resting = [c for c in ours if not c.ended_ms]
    stops = [c for c in resting if c.stop and guards(c, trade)]
    targets = [c for c in resting if not c.stop and guards(c, trade)]
    told = f"{symbol} holds {trade.side * trade.open_lots} lots of ours"
    verdict.demand(
        [c.lots for c in stops] == [trade.open_lots],
        f"I2 protected: {told}, its stops are for {[c.lots for c in stops]}",
    )
    verdict.demand(
        [c.lots for c in targets] == [trade.open_lots],
        f"I2 protected: {told}, its targets are for {[c.lots for c in targets]}",
    )
    verdict.demand(
        len(resting) == len(stops) + len(targets), f"I3 no orphans: {told}, and more rests"
    )
    before = [c for c in ours if c.stop and own_signal(c) == trade.signal_ms]
    tightest = max((trade.side * c.trigger for c in before), default=0)
    for stop in stops:
        verdict.demand(
            stop.trigger in levels(trade, agreed),
            f"I2 protected: {told}, its stop at {stop.trigger} is no level of this trade",
        )
        verdict.demand(
            trade.side * stop.trigger == tightest,
            f"I2 protected: {told}, its stop at {stop.trigger} is wider than one before",
        )


def _no_orphans(verdict: Verdict, facts: Facts) -> None:
    """I3: flat means that nothing of ours rests in either book."""
    resting = [(c.symbol, c.client_id) for c in facts.conditionals if not c.ended_ms]
    resting += [(o.symbol, o.client_id) for o in facts.orders if o.is_open]
    for symbol, client_id in resting:
        ours = leg_of(client_id) is not None
        verdict.demand(
            not ours or symbol in facts.positions,
            f"I3 no orphans: {client_id} rests without a position",
        )


def _cooldown(verdict: Verdict, trades: Sequence[Owned], agreed: Terms) -> None:
    """I4: whole candles between the end of one trade and the signal of the next."""
    for before, after in pairwise(trades):
        ended = before.ended_ms // agreed.interval_ms
        waited = after.signal_ms // agreed.interval_ms - ended
        verdict.demand(
            waited >= agreed.cooldown_bars,
            f"I4 cooldown: {waited} candles waited, {agreed.cooldown_bars} agreed",
        )


def _strangers(verdict: Verdict, facts: Facts, symbol: str, trades: Sequence[Owned]) -> None:
    """I7: our orders never take more out of a position than our own entries put in."""
    for trade in trades:
        taken = sum(
            hit.lots
            for hit in facts.hits
            if hit.symbol == symbol
            and (own := leg_of(hit.client_id))
            and own[0] == trade.signal_ms
            and own[1] != "EN"
        )
        verdict.demand(
            taken <= trade.entry_lots,
            f"I7 strangers are safe: {taken} lots were closed of {trade.entry_lots} of ours",
        )


def _books(
    verdict: Verdict, facts: Facts, journal: Journalled, ended: Sequence[Owned], *, foreign: bool
) -> None:
    """I5: every fill of ours once, every trade once, and the sums are the wallet's."""
    keys = [event["key"] for event in journal.events if "key" in event]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    verdict.demand(not doubled, f"I5 books balance: {doubled} journalled more than once")
    told = {event["key"]: event for event in journal.of("fill")}
    over = {(trade.symbol, trade.signal_ms) for trade in ended}
    for hit in facts.hits:
        own = leg_of(hit.client_id)
        if own is None or (hit.symbol, own[0]) not in over:
            continue
        event = told.get(f"fill-{hit.symbol}-{hit.fill_id}")
        verdict.demand(event is not None, f"I5 books balance: fill {hit.fill_id} of "
                       f"{hit.client_id} is not in the journal")  # fmt: skip
        if event is not None:
            told_fee = (int(Decimal(event["fee"]) * 10**8), event["fee_asset"], event["at_ms"])
            same = told_fee == (hit.fee_e8, hit.fee_asset, hit.time_ms)
            verdict.demand(same, f"I5 books balance: fill {hit.fill_id} was journalled otherwise")
    records = journal.of("trade")
    signals = sorted((record["symbol"], record["signal_time"]) for record in records)
    verdict.demand(
        signals == sorted((trade.symbol, trade.signal_ms) for trade in ended),
        f"I5 books balance: {len(ended)} trades ended, {len(records)} are in the journal",
    )
    if not facts.positions and not foreign:
        net, change = sum_e8(records, "net"), facts.wallet_e8 - facts.opened_e8
        verdict.demand(
            net == change, f"I5 books balance: trades sum to {net}, the wallet changed by {change}"
        )
        told_bnb = sum_e8([record["fees_in_other_assets"] for record in records], "BNB")
        paid_bnb = sum(hit.fee_e8 for hit in facts.hits if hit.fee_asset == "BNB")
        verdict.demand(
            told_bnb == paid_bnb,
            f"I5 books balance: trades paid {told_bnb} of BNB, the account {paid_bnb}",
        )


def leaked(texts: Sequence[str], secrets: Sequence[str]) -> list[str]:
    """I8: what of a key, a secret or a signature stands in these texts."""
    found = []
    for text in texts:
        if any(secret in text for secret in secrets) or "signature=" in text:
            found.append(f"I8 secrets stay in: {text[:80]}")
        elif HEX_SIGNATURE.search(text):
            found.append(f"I8 secrets stay in: a signature in {text[:80]}")
    return found
