"""The notes: one object for all symbols of the job, with a schema number.

Everything in here can be lost: the exchange's own fills and orders rebuild what safety needs.
Times are ms UTC by the exchange's clock, prices ticks, quantities lots, money 10^-8 USDT.
"""

import msgspec

#: 2: owner, brakes. What it lacks in notes of schema 1 has its default.
SCHEMA = 2


class Rules(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A symbol's trading rules as last read from the exchange (see strategy.instrument)."""

    tick_e8: int
    step_e8: int
    unit_e8: int
    min_lots: int
    market_max_lots: int
    min_notional_e8: int
    trading: bool
    read_ms: int


class Intent(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An entry that was written down before it was sent: the fence is timestamp + recv window."""

    client_id: str
    signal_ms: int
    side: int
    lots: int
    close: int
    timestamp_ms: int
    recv_window_ms: int

    @property
    def fence_ms(self) -> int:
        """After this the exchange itself refuses the request."""
        return self.timestamp_ms + self.recv_window_ms


class Trade(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The open trade of a symbol. `entry_quote` = sum of ticks x lots over the entry's fills.

    `lots` is what is still ours and open; `stop` and `target` are the recorded levels in ticks
    (the stop may rest tighter, never wider). `exit_leg` is set once a close was decided: it is
    tried until the position reads zero. `attempts` counts the orders of this trade for their ids;
    `entry_tag` is the number in its entry's id.
    """

    side: int
    signal_ms: int
    first_fill_ms: int
    entry_quote: int
    entry_lots: int
    lots: int
    stop: int
    target: int
    stop_moved: bool = False
    exit_leg: str = ""
    attempts: int = 0
    entry_tag: int = 0


class SymbolNotes(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is remembered of one symbol.

    `last_signal_ms`: newest candle an entry was planned for (0 none). `ended_ms`: when the last
    trade ended (0 none known). `looked_back`: the exchange's fills were searched for that as far
    as a cooldown can reach, so 0 really means none. `mode_checked_ms`: when the account's mode and
    `mode_leverage` were last verified. `rival_ms`: when another deployment of this job entered on
    the account (0 never): no entries until a person has taken over.
    """

    rules: Rules | None = None
    trade: Trade | None = None
    intent: Intent | None = None
    last_signal_ms: int = 0
    ended_ms: int = 0
    looked_back: bool = False
    mode_checked_ms: int = 0
    mode_leverage: int = 0
    rival_ms: int = 0


class RunNote(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One line about a past run, for `status`."""

    at_ms: int
    run: str
    ok: bool
    text: str


class Brake(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Why no entries are made: a limit that was reached, or the switch. Never stops an exit.

    `limit`: the setting's name, or "halt". It holds while now < `until_ms`; 0: until `resume`.
    `symbol`: whose entries; empty: everybody's.
    """

    limit: str
    reason: str
    since_ms: int
    until_ms: int = 0
    symbol: str = ""


class Notes(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole state object. `revision` and `nonce` belong to the store that saves it.

    `quiet_until_ms`: the exchange wants no requests before. `books_checked_ms`: when the journal
    was last compared with the exchange's income (0 never). `owner`: the deployment that these notes
    belong to ("" in notes of schema 1); `owned_since_ms`: when it took over from another (0 never).
    `alarms`: what is wrong (see job/news.py) and since when; `alarm_told_ms`: when people were last
    told that the job fails. `resumed_ms`: when a person last said `resume` (0 never); from there
    lost trades are counted.
    """

    venue: str
    account: str
    owner: str = ""
    owned_since_ms: int = 0
    schema: int = SCHEMA
    revision: int = 0
    nonce: str = ""
    clock_offset_ms: int = 0
    quiet_until_ms: int = 0
    books_checked_ms: int = 0
    resumed_ms: int = 0
    brakes: list[Brake] = []
    alarms: dict[str, int] = {}
    alarm_told_ms: int = 0
    symbols: dict[str, SymbolNotes] = {}
    last_runs: list[RunNote] = []


#: How many past runs the notes keep for `status`.
RUNS_KEPT = 12


def replace_symbol(notes: Notes, symbol: str, new: SymbolNotes) -> Notes:
    """The notes with one symbol's part exchanged."""
    return msgspec.structs.replace(notes, symbols={**notes.symbols, symbol: new})
