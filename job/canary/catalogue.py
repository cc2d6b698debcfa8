"""The checks in their order, each with what is expected. The numbers people see are places here."""

from job.canary import endings, entries, history, protections, surroundings
from job.canary.bench import Bench
from job.canary.contract import Check
from job.canary.ending import ends_flat


def _second_entry(bench: Bench) -> str:
    """A second trade, for the trigger."""
    came = entries.entry_is_accepted(bench)
    entries.fills_are_read(bench)
    return came


#: Asked before the lock is taken: they need no order, and the close has to be waited for.
LOOKING = (
    Check("clock", "within 1000 ms", surroundings.clock_offset),
    Check("balance", "the key reads it, above 0", surroundings.balance),
    Check("account mode", "one-way, single-asset", surroundings.modes),
    Check("rules", "known filters, open for trading", surroundings.rules),
    Check(
        "candle after the close",
        "final within 10000 ms",
        surroundings.candle_lateness,
        ("clock", "rules"),
    ),
)
#: Everything that places an order needs these.
_BASE = ("clock", "balance", "account mode", "rules", "size", "untouched", "settings")
_TRADE = ("entry",)
_PAIR = ("stop", "target", "conditional book")
#: Asked under the lock.
TRADING = (
    Check("size", "the last price is read", surroundings.price_and_size, ("rules",)),
    Check("untouched", "no position, no order", surroundings.untouched, ("rules",)),
    Check("settings", "isolated, leverage as set", surroundings.settings, ("untouched",)),
    Check("late entry", "refused: -1021", entries.late_is_refused, _BASE),
    Check("off-step quantity", "refused: rules", entries.broken_step_is_refused, _BASE),
    Check("entry", "accepted with our id", entries.entry_is_accepted, _BASE),
    Check("entry look-up", "FILLED within 3000 ms", entries.order_is_found, _TRADE),
    Check("fills", "whole within 1000 ms", entries.fills_are_read, _TRADE),
    Check("position", "whole within 3000 ms", entries.position_is_seen, _TRADE),
    Check("stop", "accepted with our id", protections.stop_is_accepted, _TRADE),
    Check("target", "accepted with our id", protections.target_is_accepted, _TRADE),
    Check(
        "conditional book",
        "both as sent, within 3000 ms",
        protections.both_are_listed,
        ("stop", "target"),
    ),
    Check("plain book", "neither of them", protections.plain_book_is_empty, ("stop", "target")),
    Check("second stop", "rests beside the first", protections.second_stop_rests, ("stop",)),
    Check("id of an open order", "-4116", protections.open_id_is_taken, _PAIR),
    Check("cancel", "gone within 3000 ms", protections.order_is_cancelled, ("second stop",)),
    Check("cancel again", "refused as unknown", protections.cancelling_again_is_told, ("cancel",)),
    Check("stop beyond the price", "refused: -2021", protections.through_is_refused, _TRADE),
    Check(
        "oversized close",
        "trimmed or refused, never a turn",
        endings.oversized_close_is_trimmed,
        ("position",),
    ),
    Check("close by hand", "flat within 3000 ms", endings.hand_closes, ("position",)),
    Check("orphans", "both still rest", endings.orphans_rest, ("close by hand", *_PAIR)),
    Check("sweep", "gone within 3000 ms", endings.orphans_are_swept, ("close by hand",)),
    Check("close when flat", "refused: -2022", endings.flat_close_is_refused, ("close by hand",)),
    Check("first page of fills", "the oldest", history.first_page_is_oldest, ("close by hand",)),
    Check(
        "income",
        "the commission under its fill's number",
        history.income_names_fills,
        ("fills",),
    ),
    Check("second entry", "accepted, filled", _second_entry, ("sweep", "fills")),
    Check("near orders", "accepted", endings.near_orders_rest, ("second entry",)),
    Check("trigger", "closes the position", endings.one_fires, ("near orders",)),
    Check("what fired", "an order under the same id", endings.child_is_linked, ("trigger",)),
)
#: Asked at the end, whatever happened before.
ENDING = (Check("end", "flat, no order of ours", ends_flat, ("rules",)),)
