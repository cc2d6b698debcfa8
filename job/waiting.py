"""Fired early: wait for the close. Knows the clock, nothing else."""

from job.firing import Firing


def wait_for_close(firing: Firing) -> None:
    """Wait when the next close of a symbol is within `early_wait_s`; the exchange's clock counts
    (as well as it is known from the last run).
    """
    now = firing.exchange_now_ms()
    for interval_ms in sorted({work.parameters.interval_ms for work in firing.works}):
        until_close_ms = interval_ms - now % interval_ms
        if until_close_ms <= firing.job.config.early_wait_ms:
            firing.job.clock.sleep_ms(until_close_ms)
            return
