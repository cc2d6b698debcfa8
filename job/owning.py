"""One account, one deployment: what a run does when the exchange shows another one's entries.

It opens nothing until a person has taken over; what it has opened itself it protects as ever.
"""

from job.firing import Firing
from job.report import utc_text


def stand_back(firing: Firing) -> None:
    """Forbid every entry, and say so, when another deployment has entered on this account."""
    seen = [(work.notes.rival_ms, work.symbol) for work in firing.works]
    newest_ms, symbol = max(seen, default=(0, ""))
    if not newest_ms:
        return
    for work in firing.works:
        work.entry_ban = "another deployment trades this account"
    firing.report.failures.append(
        f"another deployment trades this account: an entry in {symbol}, filled "
        f"{utc_text(newest_ms)}, is not of owner {firing.job.config.owner}; nothing is opened "
        "until its timer is stopped and `handler.py take-over` was typed here"
    )
