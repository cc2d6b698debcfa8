"""What the exchange asks of an order: steps, minima, maxima and maintenance brackets.

The numbers are copied as text from the fact sheet, so that they can be compared by eye.
It must not decide anything.
"""

from dataclasses import dataclass
from fractions import Fraction

# symbol: tick, step (= minimum quantity), market maximum, minimum notional
_SIZES = """
BTCUSDT 0.1    0.001 120     50
ETHUSDT 0.01   0.001 2000    20
SOLUSDT 0.01   0.01  5000    5
XRPUSDT 0.0001 0.1   2000000 5
"""

# bracket, highest leverage, notional (floor-)cap, maintenance rate, cum
_TIERS = {
    "BTCUSDT": "1 150 0-300k .004 0 | 2 100 -800k .005 300 | 3 75 -3M .0065 1500"
    " | 4 50 -12M .01 12000 | 5 25 -70M .02 132000 | 6 20 -100M .025 482000"
    " | 7 10 -230M .05 2982000 | 8 5 -480M .1 14482000 | 9 4 -600M .125 26482000"
    " | 10 3 -800M .15 41482000 | 11 2 -1.2B .25 121482000 | 12 1 -1.8B .5 421482000",
    "ETHUSDT": "1 150 0-300k .004 0 | 2 100 -800k .005 300 | 3 75 -3M .0065 1500"
    " | 4 50 -12M .01 12000 | 5 25 -50M .02 132000 | 6 20 -65M .025 382000"
    " | 7 10 -150M .05 2007000 | 8 5 -320M .1 9507000 | 9 4 -400M .125 17507000"
    " | 10 3 -530M .15 27507000 | 11 2 -800M .25 80507000 | 12 1 -1.2B .5 280507000",
    "SOLUSDT": "1 100 0-50k .005 0 | 2 75 -400k .0065 75 | 3 50 -1M .01 1475"
    " | 4 25 -4M .02 11475 | 5 20 -8M .025 31475 | 6 10 -40M .05 231475"
    " | 7 5 -80M .1 2231475 | 8 4 -100M .125 4231475 | 9 2 -200M .25 16731475"
    " | 10 1 -400M .5 66731475",
    "XRPUSDT": "1 100 0-40k .005 0 | 2 75 -80k .006 40 | 3 50 -150k .01 360"
    " | 4 40 -400k .0125 735 | 5 25 -1M .02 3735 | 6 20 -2M .025 8735"
    " | 7 10 -10M .05 58735 | 8 5 -20M .1 558735 | 9 4 -25M .125 1058735"
    " | 10 2 -50M .25 4183735 | 11 1 -100M .5 16683735",
}
_SUFFIX = {"k": 10**3, "M": 10**6, "B": 10**9}


@dataclass(frozen=True)
class Bracket:
    """One maintenance tier: up to `cap` USDT notional, at most `leverage_max`."""

    leverage_max: int
    cap: Fraction
    mmr: Fraction
    cum: Fraction


@dataclass(frozen=True)
class Rules:
    """One symbol's rules: prices in USDT, quantities in coins, notional in USDT."""

    symbol: str
    tick: Fraction
    step: Fraction
    quantity_min: Fraction
    quantity_max: Fraction
    notional_min: Fraction
    brackets: tuple[Bracket, ...]

    def bracket_of(self, notional: Fraction) -> Bracket:
        """The first bracket whose cap is not exceeded; beyond all of them, the last one."""
        for bracket in self.brackets:
            if notional <= bracket.cap:
                return bracket
        return self.brackets[-1]

    def cap_at(self, leverage: int) -> Fraction:
        """The cap (USDT) of the highest bracket that allows `leverage`."""
        return max(b.cap for b in self.brackets if b.leverage_max >= leverage)


def make_rules(
    symbol: str, tick: str, step: str, quantity_max: str, notional_min: str, tiers: str
) -> Rules:
    """Rules from decimal text and a line of tiers written as in the fact sheet."""
    return Rules(
        symbol=symbol,
        tick=Fraction(tick),
        step=Fraction(step),
        quantity_min=Fraction(step),
        quantity_max=Fraction(quantity_max),
        notional_min=Fraction(notional_min),
        brackets=tuple(_bracket(part) for part in tiers.split("|")),
    )


def _bracket(text: str) -> Bracket:
    _, leverage_max, span, mmr, cum = text.split()
    cap = span.split("-")[1]
    return Bracket(
        leverage_max=int(leverage_max),
        cap=Fraction(cap[:-1]) * _SUFFIX[cap[-1]],
        mmr=Fraction(mmr),
        cum=Fraction(cum),
    )


def _built_in(line: str) -> Rules:
    symbol, tick, step, quantity_max, notional_min = line.split()
    return make_rules(symbol, tick, step, quantity_max, notional_min, _TIERS[symbol])


RULES: dict[str, Rules] = {line.split()[0]: _built_in(line) for line in _SIZES.strip().splitlines()}
