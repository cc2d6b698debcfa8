"""From settings and files to the numbers that the kernel takes. No rule stands here."""

from bisect import bisect_left
from typing import NamedTuple

from backtest.history import History
from backtest.layout import Payments, Terms, Tiers
from simulator.engine.funding import FundingSchedule, TimedRates, TimedTicks
from simulator.engine.model import Contract, Costs
from strategy.parameters import Parameters

#: An index behind all candles.
_NEVER = 1 << 60


class Setup(NamedTuple):
    """All that a backtest depends on besides the candles.

    `rates` [(time in ms, rate in 1e-8)] and `marks` [(open time in ms, ticks)] as in their files,
    None where no file is given. `start_ms`: open time of the first candle that may decide.
    `symbols`: what the balance is divided by, as for the job.
    """

    contract: Contract
    parameters: Parameters
    costs: Costs
    balance_e8: int
    rates: TimedRates | None = None
    marks: TimedTicks | None = None
    start_ms: int = 0
    symbols: int = 1


def terms_of(setup: Setup, history: History, wallet_e8_max: int) -> Terms:
    """The plain numbers of a setup."""
    parameters, contract = setup.parameters, setup.contract
    return Terms(
        ma_length=parameters.ma_length,
        threshold_ppm=parameters.threshold_ppm,
        risk_ppm=parameters.risk_ppm,
        stop_loss_ppm=parameters.stop_loss_ppm,
        profit_target_ppm=parameters.profit_target_ppm,
        breakeven_trigger_ppm=parameters.breakeven_trigger_ppm,
        breakeven_offset_ppm=parameters.breakeven_offset_ppm,
        cooldown_bars=parameters.cooldown_bars,
        leverage=parameters.leverage,
        exposure_max_permille=parameters.exposure_max_permille,
        fee_ppm=setup.costs.fee_ppm,
        slippage_ppm=setup.costs.slippage_ppm,
        unit_e8=contract.unit_e8,
        min_lots=contract.min_lots,
        market_max_lots=contract.market_max_lots,
        min_notional_e8=contract.min_notional_e8,
        notional_max_e8=contract.notional_max_e8(parameters.leverage),
        symbols=setup.symbols,
        first=bisect_left(history.times_ms, setup.start_ms),
        stop_range_ppm=setup.costs.stop_range_ppm,
        wallet_e8_max=wallet_e8_max,
    )


def payments_of(setup: Setup, history: History) -> Payments:
    """Every funding payment and the candle at whose open it is due: the first at or after it."""
    symbol, times_ms = setup.contract.symbol, history.times_ms
    rates = {} if setup.rates is None else {symbol: setup.rates}
    marks = {} if setup.marks is None else {symbol: setup.marks}
    schedule = FundingSchedule(setup.costs, rates, marks)
    due = schedule.due(symbol, times_ms[0], times_ms[-1])
    return Payments(
        at=[*(bisect_left(times_ms, time_ms) for time_ms, _ in due), _NEVER],
        rates_e8=[*(rate for _, rate in due), 0],
        marks=[*(schedule.mark_ticks(symbol, time_ms) or 0 for time_ms, _ in due), 0],
    )


def tiers_of(contract: Contract) -> Tiers:
    """The maintenance tiers as columns."""
    return Tiers(
        caps_e8=[bracket.cap_e8 for bracket in contract.brackets],
        maintenance_bp=[bracket.maintenance_bp for bracket in contract.brackets],
        cums_e8=[bracket.cum_e8 for bracket in contract.brackets],
    )
