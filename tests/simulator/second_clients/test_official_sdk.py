"""The official SDK against the server. Its models are strict: a wrong JSON type is logged."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

sdk = pytest.importorskip("binance_sdk_derivatives_trading_usds_futures")
usds_futures = pytest.importorskip(
    "binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures"
)
configuration = pytest.importorskip("binance_common.configuration")
errors = pytest.importorskip("binance_common.errors")


@pytest.fixture
def rest(url: str) -> Any:
    settings = configuration.ConfigurationRestAPI(
        api_key="embedded", api_secret="embedded", base_path=url, retries=0
    )
    return usds_futures.DerivativesTradingUsdsFutures(config_rest_api=settings).rest_api


@pytest.fixture(autouse=True)
def no_warning(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The SDK logs a warning for every answer that does not fit its model."""
    caplog.set_level(logging.WARNING)
    yield
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


def place_both(rest: Any) -> tuple[Any, Any]:
    entry = rest.new_order(
        symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01, new_order_resp_type="RESULT"
    ).data()
    price = float(rest.symbol_price_ticker(symbol="BTCUSDT").data().actual_instance.price)
    stop = rest.new_algo_order(
        algo_type="CONDITIONAL",
        symbol="BTCUSDT",
        side="SELL",
        type="STOP_MARKET",
        quantity=0.01,
        trigger_price=float(int(price * 0.98)),
        reduce_only="true",
    ).data()
    return entry, stop


def test_a_trade_with_its_stop(rest: Any) -> None:
    entry, stop = place_both(rest)
    assert (entry.status, stop.algo_status) == ("FILLED", "NEW")
    assert rest.current_all_open_orders(symbol="BTCUSDT").data() == []
    (resting,) = rest.current_all_algo_open_orders(symbol="BTCUSDT").data()
    assert resting.algo_id == stop.algo_id
    assert rest.query_algo_order(algo_id=stop.algo_id).data().algo_status == "NEW"
    read = rest.query_order(symbol="BTCUSDT", order_id=entry.order_id).data()
    assert float(read.avg_price) > 0
    assert rest.cancel_algo_order(algo_id=stop.algo_id).data().code == "200"
    (ended,) = rest.query_all_algo_orders(symbol="BTCUSDT").data()
    assert ended.algo_status == "CANCELED"
    limit = rest.new_order(
        symbol="BTCUSDT",
        side="BUY",
        type="LIMIT",
        time_in_force="GTC",
        quantity=0.01,
        price=float(int(float(read.avg_price) * 0.98)),
    ).data()
    assert len(rest.current_all_open_orders().data()) == 1
    assert (
        rest.query_current_open_order(symbol="BTCUSDT", order_id=limit.order_id).data().status
        == "NEW"
    )
    assert rest.cancel_order(symbol="BTCUSDT", order_id=limit.order_id).data().status == "CANCELED"


def test_every_read_fits_its_model(rest: Any) -> None:
    place_both(rest)
    calls: list[Callable[[], Any]] = [
        rest.account_information_v2,
        rest.account_information_v3,
        rest.futures_account_balance_v2,
        rest.futures_account_balance_v3,
        rest.futures_account_configuration,
        rest.get_current_multi_assets_mode,
        rest.get_current_position_mode,
        rest.get_income_history,
        rest.notional_and_leverage_brackets,
        lambda: rest.notional_and_leverage_brackets(symbol="BTCUSDT"),
        rest.symbol_configuration,
        lambda: rest.user_commission_rate(symbol="BTCUSDT"),
        rest.check_server_time,
        rest.exchange_information,
        rest.get_funding_rate_info,
        lambda: rest.kline_candlestick_data(symbol="BTCUSDT", interval="5m", limit=3),
        rest.mark_price,
        lambda: rest.mark_price(symbol="BTCUSDT"),
        rest.symbol_order_book_ticker,
        lambda: rest.symbol_order_book_ticker(symbol="BTCUSDT"),
        rest.symbol_price_ticker,
        lambda: rest.account_trade_list(symbol="BTCUSDT"),
        lambda: rest.all_orders(symbol="BTCUSDT"),
        rest.all_orders,
        lambda: rest.position_information_v2(symbol="BTCUSDT"),
        rest.position_information_v3,
        rest.current_all_algo_open_orders,
    ]
    for call in calls:
        assert call().data(), call


def test_settings(rest: Any) -> None:
    leverage = rest.change_initial_leverage(symbol="BTCUSDT", leverage=10).data()
    assert (leverage.leverage, leverage.max_notional_value) == (10, "230000000")
    assert rest.change_margin_type(symbol="BTCUSDT", margin_type="ISOLATED").data().code == 200
    assert rest.change_position_mode(dual_side_position="true").data().msg == "success"
    place_error = pytest.raises(errors.BadRequestError)
    with place_error:
        rest.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01)
    assert rest.change_position_mode(dual_side_position="false").data().code == 200
    place_both(rest)
    moved = rest.modify_isolated_position_margin(symbol="BTCUSDT", amount=5.0, type=1).data()
    assert (moved.amount, moved.type) == (5.0, 1)


def test_batches_and_cancelling_everything(rest: Any) -> None:
    _, stop = place_both(rest)
    assert rest.cancel_all_open_orders(symbol="BTCUSDT").data().code == 200
    assert len(rest.current_all_algo_open_orders().data()) == 1
    assert rest.cancel_all_algo_open_orders(symbol="BTCUSDT").data().code == 200
    with pytest.raises(errors.BadRequestError, match="Unknown order sent"):
        rest.cancel_algo_order(algo_id=stop.algo_id)


def test_limits_are_read_from_the_headers(rest: Any) -> None:
    answer = rest.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.01)
    kinds = sorted((limit.rateLimitType, limit.interval) for limit in answer.rate_limits)
    assert kinds == [("ORDERS", "MINUTE"), ("ORDERS", "SECOND"), ("REQUEST_WEIGHT", "MINUTE")]
