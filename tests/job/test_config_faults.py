"""A wrong configuration: every fault is named at once, with what would be right, and no secret."""

from pathlib import Path

import pytest

from job import credentials
from job.config import ConfigFaultsError, load
from job.notify.configured import PINGS, TELEGRAM_TOKEN, WEBHOOK
from job.settings import ENVIRONMENT_ONLY
from tests.job.test_config import config_file, faults


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("venue=paper", "venue = 'paper': must be one of embedded, demo, live"),
        ("account=a b", "account = 'a b': must be at most 40 letters"),
        ("account=" + "a" * 41, "must be at most 40 letters"),
        ("entry_window_s=0", "entry_window_s = '0': must be at least 1, at most 240"),
        ("entry_window_s=241", "must be at least 1, at most 240"),
        ("early_wait_s=-1", "early_wait_s = '-1': must be at least 0, at most 60"),
        ("early_wait_s=61", "must be at least 0, at most 60"),
        ("deadline_s=9", "deadline_s = '9'"),
        ("max_open_positions=0", "must be at least 1, at most 60"),
        ("max_open_positions=61", "must be at least 1, at most 60"),
        ("max_open_positions=2.5", "must be a whole number"),
        ("prices=coinbase", "prices = 'coinbase': must be one of synthetic, binance"),
        ("balance=-1", "balance = '-1': must be at least 0"),
        ("balance=1e999", "balance = '1e999'"),
        ("balance=nan", "must be a finite number"),
        ("balance=0.123456789", "must be a multiple of 0.00000001"),
        ("fee_perc=1.01", "must be at least 0, at most 1"),
        ("fee_perc=0.00001", "must be a multiple of 0.0001"),
        ("slippage_bps=1001", "at most 1000"),
        ("funding=maybe", "funding = 'maybe': must be true or false"),
        ("funding_rate_perc=3.1", "funding_rate_perc = '3.1'"),
        ("seed=-1", "seed = '-1'"),
        ("rules= ", "rules"),
        ("symbol=btcusdt", "symbol = 'btcusdt': must be a symbol such as BTCUSDT"),
        ("symbol=BTCUSDT,", "symbol = 'BTCUSDT,': must be a symbol such as BTCUSDT"),
        ("symbol=BTC/USDT", "must be a symbol such as BTCUSDT"),
        ("symbols.foo.leverage=1", "symbols.foo: must be a symbol such as BTCUSDT"),
        ("symbols=BTCUSDT", "symbols = 'BTCUSDT': must be a table"),
        ("symbols.BTCUSDT=1", "symbols.BTCUSDT = '1': must be a table"),
        ("strategy=x", "strategy = 'x': must be a table"),
        ("thresold_perc=1", "no such setting (is strategy.threshold_perc meant?); see docs/"),
        ("slippage_bp=1", "slippage_bp: no such setting (is slippage_bps meant?)"),
        (
            "webhook_url=x",
            "no such setting (it is an environment variable: WEBHOOK_URL); see",
        ),
        ("binance_api_key_file=x", "(it is an environment variable: BINANCE_API_KEY_FILE)"),
        ("foo=1", "foo: no such setting; see docs/settings.md"),
        ("symbols=ETHUSDT", "must be a table; for names alone: symbol = BTCUSDT,ETHUSDT"),
        ("strategy.thresold_perc=1", "strategy.thresold_perc: no such setting; there are"),
        ("symbols.BTCUSDT.thresold_perc=1", "symbols.BTCUSDT.thresold_perc: no such setting"),
        ("threshold_perc=0", "strategy.threshold_perc = '0': must be above 0"),
        ("interval=1m", "strategy.interval = '1m': must be one of 5m, 15m, 30m, 1h, 2h, 4h"),
        ("stop_loss_perc=5.1", "times leverage 10 must be at most 50"),
        ("breakeven_offset_perc=0.4", "must be below breakeven_trigger_perc 0.4"),
        ("max_exposure=8.1", "must be at most 0.8 x leverage 10"),
        ("nothing", "--set nothing: must be key=value"),
        ("strategy.=1", "the name is incomplete"),
        ("=1", "the name is incomplete"),
        ("venue_url=http://example.com", "must be http://127.0.0.1:PORT"),
        ("venue_url=http://127.0.0.1.example.com", "must be http://127.0.0.1:PORT"),
    ],
)
def test_a_fault_says_what_would_be_right(tmp_path: Path, assignment: str, words: str) -> None:
    [fault] = faults(tmp_path, assignment)
    assert words in fault


def test_what_only_the_environment_holds_is_known() -> None:
    """The names are written once more, so that settings load no channel."""
    theirs = {credentials.KEY, credentials.SECRET, WEBHOOK, *PINGS.values()}
    theirs |= {TELEGRAM_TOKEN, "TELEGRAM_CHAT_ID"}
    assert set(ENVIRONMENT_ONLY) == theirs


def test_commas_are_for_the_short_form_only(tmp_path: Path) -> None:
    assert faults(tmp_path, "symbol=foo")[0].endswith("BTCUSDT, or several with commas")
    assert faults(tmp_path, "symbols.foo.leverage=1")[0].endswith("such as BTCUSDT")


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    config_file(
        tmp_path,
        'venue = "paper"\nleverag = 3\n[strategy]\nma_length = 1\n[symbols.BTCUSDT]\n'
        "[symbols.ETHUSDT]\nrisk_perc = 101\nfoo = 1\n",
    )
    found = faults(tmp_path, "balance=x", "oops", REVERT_SEED="y", REVERT_FOO__BAR="1")
    for start in (
        "--set oops",
        "foo",
        "leverag",
        "venue = ",
        "balance = ",
        "seed = ",
        "strategy.ma_length = 1",
        "symbols.ETHUSDT.risk_perc = 101",
        "symbols.ETHUSDT.foo",
    ):
        assert sum(fault.startswith(start) for fault in found) == 1, (start, found)
    assert len(found) == 9


def test_a_fault_of_the_strategy_is_told_once_however_many_symbols(tmp_path: Path) -> None:
    assignments = [f"symbols.{symbol}.leverage=10" for symbol in ("BTCUSDT", "ETHUSDT")]
    assert len(faults(tmp_path, "ma_length=1", *assignments)) == 1


@pytest.mark.parametrize("origin", ["--config", "REVERT_CONFIG"])
def test_a_file_that_is_not_there(tmp_path: Path, origin: str) -> None:
    name = str(tmp_path / "nowhere.toml")
    environment = {origin: name} if origin == "REVERT_CONFIG" else {}
    with pytest.raises(ConfigFaultsError) as caught:
        load(environment, tmp_path, None if environment else name)
    assert caught.value.faults == [f"{origin} = {name}: there is no such file"]


@pytest.mark.parametrize("text", ["= 1", "a = [", "seed = 1\nseed = 2", "\udcff"])
def test_a_file_that_is_no_toml(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_bytes(text.encode(errors="surrogateescape"))
    [fault] = faults(tmp_path)
    assert "cannot be read as TOML" in fault


@pytest.mark.parametrize("name", ["fee_perc=0.1", "balance=1", "prices=synthetic", "seed=3"])
def test_with_an_address_the_costs_are_the_simulator_s(tmp_path: Path, name: str) -> None:
    found = faults(tmp_path, "venue_url=http://127.0.0.1:8900", name)
    assert len(found) == 1
    assert "with venue_url it is the simulator's own" in found[0]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8900", "http://localhost:1/", "http://[::1]:9"])
def test_an_address_on_this_machine_is_allowed(tmp_path: Path, url: str) -> None:
    assert load({}, tmp_path, None, [f"venue_url={url}"]).venue_url == url


def test_an_address_is_for_the_embedded_venue_only(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, "venue=live", "venue_url=http://127.0.0.1:8900")
    assert "is for venue embedded only" in fault


SECRET = "0123456789abcdefSECRET"


@pytest.mark.parametrize(
    "text",
    [
        f'BINANCE_API_SECRET = "{SECRET}"',
        f'api_secret = "{SECRET}"',
        f'credentials = "{SECRET}"',
        f'credentials = ["{SECRET}"]',
        f'[strategy]\napi_secret = "{SECRET}"',
        f'[symbols.BTCUSDT]\napi_secret = "{SECRET}"',
        f'[credentials]\nsecret = "{SECRET}"',
        f'[binance]\nsecret = "{SECRET}"',
    ],
)
def test_a_secret_in_the_wrong_place_is_not_shown(tmp_path: Path, text: str) -> None:
    config_file(tmp_path, text + "\n")
    found = faults(tmp_path)
    assert found
    assert SECRET not in "\n".join(found)


@pytest.mark.parametrize("name", ["REVERT_API_SECRET", "REVERT_CREDENTIALS", "REVERT_A__SECRET"])
def test_a_secret_in_a_wrong_variable_is_not_shown(tmp_path: Path, name: str) -> None:
    found = faults(tmp_path, **{name: SECRET})
    assert found
    assert SECRET not in "\n".join(found)
