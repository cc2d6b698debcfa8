"""Step 3: everything the run needs to know, asked for in one parallel wave.

A read that fails is never "flat" and never "no stop": the symbol it concerns is then left alone,
and the run says so. Parallel reads are no snapshot; whoever cancels because of them reads again.
"""

from functools import partial
from typing import Any

from exchange import candles, rules, views
from exchange.errors import ACCESS, BROKEN_ANSWER, CLOCK, MAINTENANCE, VenueError
from job.firing import Firing, Job, Task, Work
from job.mode import Key, mode_tasks, set_modes, take_mode
from state.adopting import rescaled, rescaled_intent
from state.model import Rules
from strategy.instrument import Instrument
from strategy.units import DAY_MS

#: How long a late candle is waited for, after its close, and how often it is asked for.
CANDLE_WAIT_MS = 10_000
CANDLE_POLL_MS = 500
#: Many late candles are asked for less often: 10 ms for each unit of request weight, so that all
#: polls together stay below 1,500 of the 2,400 that Binance allows a minute.
CANDLE_POLL_MS_EACH = 10
#: Weight of a request for candles, by how many rows it may ask for.
CANDLE_WEIGHTS = ((99, 1), (499, 2), (1_000, 5))
#: A clock that is further off than this is told to people; signing corrects it all the same.
CLOCK_OFF_MS_MAX = 1_000
KEYS_ADVICE = "check the API key, its permissions and its IP list"
MAINTENANCE_ADVICE = (
    "the exchange is in maintenance: nothing is opened; what rests there stays, and every guard "
    "and run looks again"
)


def read_everything(firing: Firing, *, with_candles: bool) -> None:
    """Fill the firing and its works from the exchange; what failed is told in the reports."""
    tasks = _tasks(firing, with_candles=with_candles)
    answers = _ask(firing, tasks)
    clock_wrong = any(_code(answer) == CLOCK for answer in answers.values())
    _take_time(firing, answers.pop(("time", "")))
    if clock_wrong:  # our own clock was off: now that the offset is known, ask once more
        again = {key: tasks[key] for key, answer in answers.items() if _code(answer) == CLOCK}
        answers.update(_ask(firing, again))
    _take_wallet(firing, answers.get(("wallet", "")))
    wrong_mode = []
    for work in firing.works:
        try:
            _take_rules(firing, work, answers)
            _take_account(work, answers)
            if with_candles:
                if take_mode(firing, work, answers):
                    wrong_mode.append(work)
                _take_candles(firing, work, answers[("candles", work.symbol)])
        except VenueError as error:
            work.fail(str(error))
            _advise(firing, error.code)
        except BROKEN_ANSWER as error:
            work.usable = False
            work.distrust_rules()  # prices off the tick are how changed rules show first
            work.fail(f"an answer could not be used: {type(error).__name__} {error}")
    set_modes(firing, wrong_mode)
    if with_candles:
        _wait_for_final_candles(firing)


def _advise(firing: Firing, code: int) -> None:
    """What people can make of a code, once."""
    notices = firing.report.notices
    if code in ACCESS and KEYS_ADVICE not in notices:
        notices.append(KEYS_ADVICE)
    if code == MAINTENANCE and MAINTENANCE_ADVICE not in notices:
        notices.append(MAINTENANCE_ADVICE)


def _tasks(firing: Firing, *, with_candles: bool) -> dict[Key, Task[Any]]:
    gateway, works = firing.gateway, firing.works
    scope = works[0].symbol if len(works) == 1 else None
    tasks: dict[Key, Task[Any]] = {
        ("time", ""): partial(server_offset_ms, firing.job),
        ("positions", ""): partial(gateway.position_rows, scope),
        ("plain", ""): partial(gateway.plain_order_rows, scope),
        ("conditional", ""): partial(gateway.conditional_order_rows, scope),
    }
    now = firing.exchange_now_ms()
    if any(_rules_stale(work, now) for work in works):
        tasks["rules", ""] = gateway.exchange_info
    if not with_candles:
        return tasks
    tasks["wallet", ""] = gateway.wallet_e8
    tasks |= mode_tasks(firing)
    for work in works:
        tasks["candles", work.symbol] = partial(_klines, firing, work)
    return tasks


def _ask(firing: Firing, tasks: dict[Key, Task[Any]]) -> dict[Key, Any]:
    return dict(zip(tasks, firing.job.together(list(tasks.values())), strict=True))


def server_offset_ms(job: Job) -> int:
    """The exchange's clock minus ours, taken in the middle of the request."""
    job.budget.before_request()  # a silence that is waited out is no part of the answer
    before = job.clock.now_ms()
    server = job.gateway.server_time_ms()
    after = job.clock.now_ms()
    return server - (before + after) // 2


def measure_clock(firing: Firing) -> bool:
    """Measure the exchange's clock again; False when it cannot be read."""
    try:
        firing.set_offset(server_offset_ms(firing.job))
    except VenueError:
        return False
    return True


def _klines(firing: Firing, work: Work) -> list[list[Any]]:
    """The average's candles, the one that is forming, and one to spare."""
    return firing.gateway.klines(work.symbol, work.parameters.interval, _candle_rows(work))


def _candle_rows(work: Work) -> int:
    return work.parameters.ma_length + 2


def _candle_weight(work: Work) -> int:
    return next(weight for most, weight in CANDLE_WEIGHTS if _candle_rows(work) <= most)


def _take_time(firing: Firing, offset: int | VenueError) -> None:
    if isinstance(offset, VenueError):
        firing.report.failures.append(str(offset))
        for work in firing.works:
            work.entry_ban = "the exchange's clock could not be read"
    else:
        firing.set_offset(offset)


def _take_wallet(firing: Firing, wallet: int | VenueError | None) -> None:
    if isinstance(wallet, VenueError):
        firing.report.failures.append(str(wallet))
        for work in firing.works:
            work.entry_ban = "the balance could not be read"
    else:
        firing.wallet_e8 = wallet


def _rules_stale(work: Work, now_ms: int) -> bool:
    return work.notes.rules is None or now_ms - work.notes.rules.read_ms >= DAY_MS


def _take_rules(firing: Firing, work: Work, answers: dict[Key, Any]) -> None:
    """The symbol's rules: fresh ones when they were asked for, else those in the notes."""
    info = answers.get(("rules", ""))
    if isinstance(info, dict):
        try:
            _note_rules(work, _fresh_rules(work.symbol, info, firing.exchange_now_ms()))
        except (rules.UnusableSymbolError, ValueError) as error:
            if work.notes.rules is None:
                raise VenueError("rules", message=str(error)) from None
            work.entry_ban = str(error)  # what is open is protected by the rules that are kept
            work.fail(str(error))
    kept = work.notes.rules
    if kept is None:
        raise info if isinstance(info, VenueError) else VenueError("rules", message="not read")
    if not kept.trading:
        work.entry_ban = "the exchange has closed the symbol for trading"
    work.market = Instrument(
        symbol=work.symbol,
        tick_e8=kept.tick_e8,
        step_e8=kept.step_e8,
        unit_e8=kept.unit_e8,
        min_lots=kept.min_lots,
        market_max_lots=kept.market_max_lots,
        min_notional_e8=kept.min_notional_e8,
    )


def _fresh_rules(symbol: str, info: dict[str, views.Row], now_ms: int) -> Rules:
    row = info.get(symbol)
    if row is None:
        raise rules.UnusableSymbolError(f"the exchange has no symbol {symbol}")
    market = rules.instrument_from_row(row)
    fields = {name: getattr(market, name) for name in market._fields if name != "symbol"}
    return Rules(**fields, trading=rules.is_trading(row), read_ms=now_ms)


def _note_rules(work: Work, fresh: Rules) -> None:
    """Keep fresh rules; what is noted in the old ticks and lots is put into the new ones."""
    old, trade, intent = work.notes.rules, work.notes.trade, work.notes.intent
    if old is not None and (old.tick_e8, old.step_e8) != (fresh.tick_e8, fresh.step_e8):
        if trade is not None:
            work.note(trade=rescaled(trade, old, fresh))
        if intent is not None:
            work.note(intent=rescaled_intent(intent, old, fresh))
    work.note(rules=fresh)


def _take_account(work: Work, answers: dict[Key, Any]) -> None:
    """Position and resting orders of the symbol. Raises the VenueError of the read that failed."""
    market = work.instrument
    rows = {}
    for name in ("positions", "plain", "conditional"):
        answer = answers[name, ""]
        if isinstance(answer, VenueError):
            raise answer
        rows[name] = [row for row in answer if row["symbol"] == work.symbol]
    positions = [views.position(row, market) for row in rows["positions"]]
    work.position = next((found for found in positions if found is not None), None)
    work.resting = views.plain_orders(rows["plain"], market)
    work.resting += views.conditional_orders(rows["conditional"], market)
    work.usable = True


def _take_candles(firing: Firing, work: Work, rows: list[list[Any]] | VenueError) -> None:
    if isinstance(rows, VenueError):
        work.signal, work.final = -1, False
        work.fail(str(rows))
        return
    market = work.instrument
    try:
        work.candles = [views.candle(row, market) for row in rows]
    except BROKEN_ANSWER as error:  # no reason to leave the position alone
        work.signal, work.final = -1, False
        work.fail(f"the candles could not be used: {type(error).__name__} {error}")
        return
    now = firing.exchange_now_ms()
    newest = candles.newest_closed(work.candles, work.parameters.interval_ms, now)
    work.signal, work.final = newest.place, newest.final


def _wait_for_final_candles(firing: Firing) -> None:
    """Poll a few seconds for candles that are late; each symbol's own reads go in parallel."""
    while True:
        now = firing.exchange_now_ms()
        late = [
            work
            for work in firing.works
            if work.usable
            and not work.final
            and not work.report.error
            and now % work.parameters.interval_ms < CANDLE_WAIT_MS
        ]
        if not late:
            return
        weight = sum(_candle_weight(work) for work in late)
        firing.job.clock.sleep_ms(max(CANDLE_POLL_MS, CANDLE_POLL_MS_EACH * weight))
        answers = firing.job.together([partial(_klines, firing, work) for work in late])
        for work, rows in zip(late, answers, strict=True):
            _take_candles(firing, work, rows)


def _code(answer: object) -> int:
    return answer.code if isinstance(answer, VenueError) else 0
