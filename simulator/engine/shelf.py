"""One store of orders: open ones and ended ones, found by id and by client id.

The lists belong to the account's books; the indexes are rebuilt from them and never saved.
Plain and conditional orders have a shelf each and never meet.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Shelved(Protocol):
    """What both kinds of order have in common."""

    symbol: str
    client_id: str
    updated_ms: int


OrderT = TypeVar("OrderT", bound=Shelved)


class Shelf(Generic[OrderT]):
    """Orders of one store. `open` is in order of placing, `ended` in order of ending."""

    def __init__(
        self, open_: list[OrderT], ended: list[OrderT], id_of: Callable[[OrderT], int]
    ) -> None:
        """Both lists are used in place."""
        self.open = open_
        self.ended = ended
        self._id_of = id_of
        self._by_id: dict[int, OrderT] = {}
        self._by_client: dict[tuple[str, str], OrderT] = {}
        for order in sorted(ended + open_, key=id_of):
            self._index(order)

    def _index(self, order: OrderT) -> None:
        self._by_id[self._id_of(order)] = order
        self._by_client[(order.symbol, order.client_id)] = order

    def add_open(self, order: OrderT) -> None:
        """A new order that rests."""
        self.open.append(order)
        self._index(order)

    def add_ended(self, order: OrderT) -> None:
        """A new order that ended as it came."""
        self.ended.append(order)
        self._index(order)

    def end(self, order: OrderT) -> None:
        """Move an open order to the ended ones."""
        self.open.remove(order)
        self.ended.append(order)

    def by_id(self, order_id: int) -> OrderT | None:
        """The order of this id."""
        return self._by_id.get(order_id)

    def by_client(self, symbol: str, client_id: str) -> OrderT | None:
        """The open order of this client id on the symbol, else the newest."""
        for order in self.open:
            if order.client_id == client_id and order.symbol == symbol:
                return order
        return self._by_client.get((symbol, client_id))

    def is_open(self, client_id: str) -> bool:
        """Whether an open order on any symbol has this client id."""
        return any(order.client_id == client_id for order in self.open)

    def all(self, symbol: str) -> list[OrderT]:
        """Open and ended ones by id, ascending; symbol "" = of all."""
        rows = [order for order in self.ended if symbol in ("", order.symbol)]
        rows += [order for order in self.open if symbol in ("", order.symbol)]
        rows.sort(key=self._id_of)
        return rows

    def forget(self, before_ms: int) -> None:
        """Drop what ended before that time."""
        count = 0
        for order in self.ended:
            if order.updated_ms >= before_ms:
                break
            count += 1
            self._by_id.pop(self._id_of(order), None)
            key = (order.symbol, order.client_id)
            if self._by_client.get(key) is order:
                del self._by_client[key]
        del self.ended[:count]
