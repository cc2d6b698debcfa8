"""Fired early: wait for the close, and have the connections ready when it comes. Knows the clock
and nothing of what is asked.
"""

from job.firing import Firing


def wait_for_close(firing: Firing) -> None:
    """Wait when the next close of a symbol is within `early_wait_s`; the exchange's clock counts
    (as well as it is known from the last run).

    Connections that were opened when the run began may be closed by the other side while it
    waits: `start_before_close_s` before the close they are looked at, and opened where missing.
    """
    config, clock = firing.job.config, firing.job.clock
    now = firing.exchange_now_ms()
    for interval_ms in sorted({work.parameters.interval_ms for work in firing.works}):
        until_close_ms = interval_ms - now % interval_ms
        if until_close_ms > config.early_wait_ms:
            continue
        if 0 < config.start_before_close_ms < until_close_ms:
            clock.sleep_ms(until_close_ms - config.start_before_close_ms)
            firing.job.connect(firing.report.command)
            until_close_ms -= firing.exchange_now_ms() - now
        clock.sleep_ms(until_close_ms)
        return
