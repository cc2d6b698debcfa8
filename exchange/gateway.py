"""The one gateway: what the run can ask of the exchange and order from it.

Reads return the wire's rows or raise VenueError; `exchange.views` turns rows into whole numbers.
Orders return a Submit that says accepted, refused or unknown and never raise: an order that was
sent is never "an exception". The gateway decides nothing.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from exchange import history, views
from exchange.client import RECV_WINDOW_MS, Client, call_dict, call_list
from exchange.errors import (
    DUPLICATE_ID,
    NO_CHANGE,
    ORDER_DOES_NOT_EXIST,
    UNKNOWN_ORDER_SENT,
    Outcome,
    VenueError,
    as_promised,
    proof_of_acceptance,
)
from exchange.views import Row

#: What a changed setting answers as its code.
SUCCESS = 200


class Submit(NamedTuple):
    """How an order ended. `row` is the exchange's answer when it was accepted."""

    outcome: Outcome
    row: Row
    error: VenueError | None

    @property
    def code(self) -> int:
        """Binance's error code, 0 when there was none."""
        return self.error.code if self.error else 0


class Gateway:
    """Binance USD-M futures at one address, for one account."""

    def __init__(self, client: Client) -> None:
        """Wrap a client made by `exchange.client.make_client`."""
        self.client: Any = client

    # Public reads.

    def server_time_ms(self) -> int:
        """The exchange's clock, ms UTC."""
        what = "read the time"
        with as_promised(what):
            return int(call_dict(self.client.fapiPublicGetTime, what)["serverTime"])

    def klines(self, symbol: str, interval: str, limit: int, **since: int) -> list[list[Any]]:
        """The newest `limit` rows of candles, the one still forming included; or, with
        `startTime` (ms), the first from there on.
        """
        what = f"read {symbol} candles"
        asked = {"symbol": symbol, "interval": interval, "limit": limit, **since}
        return call_list(self.client.fapiPublicGetKlines, what, **asked)

    def exchange_info(self) -> dict[str, Row]:
        """The rules of every symbol, by symbol."""
        what = "read the symbols' rules"
        with as_promised(what):
            info = call_dict(self.client.fapiPublicGetExchangeInfo, what)
            return {row["symbol"]: row for row in info["symbols"]}

    # Signed reads.

    def wallet_e8(self) -> int:
        """USDT walletBalance: realised money, margin in use included, no open profit or loss."""
        what = "read the account"
        with as_promised(what):
            for asset in call_dict(self.client.fapiPrivateV3GetAccount, what)["assets"]:
                if asset["asset"] == "USDT":
                    return views.money_e8(asset["walletBalance"])
        return 0

    def position_rows(self, symbol: str | None = None) -> list[Row]:
        """Rows of positions, of one symbol or of all."""
        method = self.client.fapiPrivateV3GetPositionRisk
        return call_list(method, "read the positions", **_scope(symbol))

    def plain_order_rows(self, symbol: str | None = None) -> list[Row]:
        """Rows of the plain book: open limit and market orders."""
        method = self.client.fapiPrivateGetOpenOrders
        return call_list(method, "read the open orders", **_scope(symbol))

    def conditional_order_rows(self, symbol: str | None = None) -> list[Row]:
        """Rows of the conditional book, where stops and targets rest until they trigger."""
        method = self.client.fapiPrivateGetOpenAlgoOrders
        return call_list(method, "read the conditional orders", **_scope(symbol))

    def order_row(
        self, symbol: str, *, client_id: str | None = None, order_id: int | None = None
    ) -> Row | None:
        """A plain order by either id, ended ones included; None when the exchange has none."""
        what = f"read a {symbol} order"
        key = {"origClientOrderId": client_id} if client_id else {"orderId": order_id}
        try:
            row = call_dict(self.client.fapiPrivateGetOrder, what, symbol=symbol, **key)
        except VenueError as error:
            if error.code == ORDER_DOES_NOT_EXIST:
                return None
            raise
        _demand_proof(row, what, "clientOrderId" if client_id else "orderId", client_id or order_id)
        return row

    def fill_rows_of_order(self, symbol: str, order_id: int) -> list[Row]:
        """The fills of one order."""
        return call_list(
            self.client.fapiPrivateGetUserTrades,
            f"read the fills of a {symbol} order",
            symbol=symbol,
            orderId=order_id,
        )

    def fill_rows_since(self, symbol: str, start_ms: int, end_ms: int) -> list[Row]:
        """Every fill of the symbol with start <= time <= end, oldest first."""
        method = self.client.fapiPrivateGetUserTrades
        what = f"read {symbol} fills"
        return history.pages_from_the_oldest(method, what, start_ms, end_ms, ("id",), symbol=symbol)

    def fill_page(self, symbol: str, start_ms: int, end_ms: int, limit: int) -> list[Row]:
        """The first `limit` fills of the span, as one request answers them."""
        return call_list(
            self.client.fapiPrivateGetUserTrades,
            f"read {symbol} fills",
            symbol=symbol,
            startTime=start_ms,
            endTime=end_ms,
            limit=limit,
        )

    def order_rows_since(self, symbol: str, start_ms: int, end_ms: int) -> list[Row]:
        """Plain orders of the symbol, ended ones included, created in the span, each once (ended
        ones without a fill vanish after 3 days).
        """
        method = self.client.fapiPrivateGetAllOrders
        what = f"read {symbol} orders"
        return history.pages_from_the_newest(method, what, start_ms, end_ms, symbol=symbol)

    def funding_rows_since(self, symbol: str, start_ms: int, end_ms: int) -> list[Row]:
        """Every funding payment of the symbol with start <= time <= end, oldest first."""
        return history.pages_from_the_oldest(
            self.client.fapiPrivateGetIncome,
            f"read {symbol} funding",
            start_ms,
            end_ms,
            ("tranId",),
            symbol=symbol,
            incomeType="FUNDING_FEE",
        )

    def income_rows_since(self, start_ms: int, end_ms: int) -> list[Row]:
        """Everything the exchange booked on the account with start <= time <= end."""
        # a transaction's id is only its own among rows of one type
        return history.pages_from_the_oldest(
            self.client.fapiPrivateGetIncome,
            "read the income",
            start_ms,
            end_ms,
            ("incomeType", "tranId", "tradeId", "symbol"),
        )

    def account_mode(self) -> Row:
        """Position mode and asset mode of the account."""
        return call_dict(self.client.fapiPrivateGetAccountConfig, "read the account's mode")

    def key_permissions(self) -> Row:
        """What the key may do, and whether it is bound to addresses (not on the demo)."""
        return call_dict(self.client.sapiGetAccountApiRestrictions, "read the key's permissions")

    def symbol_mode(self, symbol: str) -> Row | None:
        """Margin type and leverage of one symbol; None when the exchange has no row for it."""
        what = f"read the {symbol} settings"
        rows = call_list(self.client.fapiPrivateGetSymbolConfig, what, symbol=symbol)
        with as_promised(what):
            return next((row for row in rows if row["symbol"] == symbol), None)

    def symbol_modes(self) -> dict[str, Row]:
        """Margin type and leverage of every symbol, by symbol."""
        what = "read the symbols' settings"
        rows = call_list(self.client.fapiPrivateGetSymbolConfig, what)
        with as_promised(what):
            return {str(row["symbol"]): row for row in rows}

    # Settings.

    def set_isolated(self, symbol: str) -> None:
        """Isolated margin for the symbol; nothing happens when it is so already."""
        what = f"set {symbol} to isolated margin"
        method = self.client.fapiPrivatePostMarginType
        row = _ignoring_no_change(method, what, symbol=symbol, marginType="ISOLATED")
        if row is not None:
            _demand_proof(row, what, "code", SUCCESS)

    def set_leverage(self, symbol: str, leverage: int) -> None:
        """The symbol's leverage."""
        what = f"set {symbol} to leverage {leverage}"
        method = self.client.fapiPrivatePostLeverage
        row = _ignoring_no_change(method, what, symbol=symbol, leverage=leverage)
        if row is not None:
            _demand_proof(row, what, "symbol", symbol)
            _demand_proof(row, what, "leverage", leverage)

    # Orders.

    def enter(
        self, symbol: str, side: int, quantity: str, client_id: str, timestamp_ms: int
    ) -> Submit:
        """A market order that opens a position, signed with the timestamp saved in its plan.

        Past timestamp + recvWindow the exchange itself refuses it: a late request cannot fill.
        """
        return self._market(
            symbol, side, quantity, client_id, timestamp=timestamp_ms, recvWindow=RECV_WINDOW_MS
        )

    def close(self, symbol: str, side: int, quantity: str, client_id: str) -> Submit:
        """A reduce-only market order: sent twice it is refused or trimmed, never enlarges."""
        return self._market(symbol, side, quantity, client_id, reduceOnly="true")

    def _market(
        self, symbol: str, side: int, quantity: str, client_id: str, **more: object
    ) -> Submit:
        return _submit(
            self.client.fapiPrivatePostOrder,
            f"market order {client_id}",
            ("clientOrderId", client_id),
            symbol=symbol,
            side=_side(side),
            type="MARKET",
            quantity=quantity,
            newClientOrderId=client_id,
            newOrderRespType="RESULT",
            **more,
        )

    def protect(
        self, symbol: str, side: int, kind: str, quantity: str, trigger: str, client_id: str
    ) -> Submit:
        """A reduce-only conditional market order (`views.STOP_MARKET` or TAKE_PROFIT_MARKET)."""
        return _submit(
            self.client.fapiPrivatePostAlgoOrder,
            f"conditional order {client_id}",
            ("clientAlgoId", client_id),
            algoType="CONDITIONAL",
            symbol=symbol,
            side=_side(side),
            type=kind,
            quantity=quantity,
            triggerPrice=trigger,
            workingType="CONTRACT_PRICE",
            priceProtect="false",
            timeInForce="GTC",
            reduceOnly="true",
            clientAlgoId=client_id,
            newOrderRespType="RESULT",
        )

    def cancel(self, order: views.RestingOrder) -> bool:
        """Cancel one order of its book. False when the exchange no longer has it open."""
        what = f"cancel {order.client_id}"
        if order.book == views.CONDITIONAL:
            method, key = self.client.fapiPrivateDeleteAlgoOrder, "algoId"
        else:
            method, key = self.client.fapiPrivateDeleteOrder, "orderId"
        try:
            row = call_dict(method, what, symbol=order.symbol, **{key: order.order_id})
        except VenueError as error:
            if error.code in (UNKNOWN_ORDER_SENT, ORDER_DOES_NOT_EXIST):
                return False
            raise
        _demand_proof(row, what, key, order.order_id)
        return True


def _demand_proof(row: Row, what: str, field: str, wanted: object) -> None:
    """An answer must name what it is about: garbage with a 200 status does not."""
    if str(row.get(field)) != str(wanted):
        raise VenueError(what, status=200, message="unusable answer")


def _scope(symbol: str | None) -> dict[str, object]:
    return {} if symbol is None else {"symbol": symbol}


def _side(side: int) -> str:
    return "BUY" if side > 0 else "SELL"


def _ignoring_no_change(method: Callable[..., Any], what: str, **params: object) -> Row | None:
    """The answer; None when the setting was as asked before."""
    try:
        return call_dict(method, what, **params)
    except VenueError as error:
        if error.code not in NO_CHANGE:
            raise
    return None


def _submit(
    method: Callable[..., Any], what: str, proof: tuple[str, str], **params: object
) -> Submit:
    try:
        row = call_dict(method, what, **params)
    except VenueError as error:
        if error.code == DUPLICATE_ID:  # our own earlier try is open on the exchange
            return Submit(Outcome.UNKNOWN, {}, error)
        return Submit(error.outcome, {}, error)
    if proof_of_acceptance(row, *proof):
        return Submit(Outcome.ACCEPTED, row, None)
    return Submit(Outcome.UNKNOWN, {}, VenueError(what, status=200, message="unusable answer"))
