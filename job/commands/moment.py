"""A moment as people type it. Knows no clock."""

from datetime import UTC, datetime


def moment_ms(text: str) -> int:
    """An ISO time (UTC when it names no zone) or ms since 1970, as ms. ValueError: neither."""
    if text.isdecimal() and len(text) > 8:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a time such as 2025-03-10 or 2025-03-10T12:00:00Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1000
