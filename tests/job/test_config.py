"""The configuration: whose word counts, where paths begin, and every fault at once."""

from pathlib import Path

import pytest

from job.config import Config, ConfigFaultsError, Limits, load
from job.settings import BY_NAME
from strategy import parameters


def config_file(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, *assignments: str, **environment: str) -> list[str]:
    with pytest.raises(ConfigFaultsError) as caught:
        load(environment, folder, None, assignments)
    return caught.value.faults


def test_without_anything_it_is_the_embedded_exchange_with_bitcoin(tmp_path: Path) -> None:
    config = load({}, tmp_path)
    assert (config.venue, config.account, list(config.symbols)) == ("embedded", "main", ["BTCUSDT"])
    assert config.state == tmp_path / "var/embedded/state.json"
    assert config.journal == tmp_path / "var/embedded/journal"
    assert config.paper == tmp_path / "var/embedded/paper.json"
    assert config.balance_e8 == 10_000 * 10**8
    assert (config.entry_window_ms, config.early_wait_ms, config.deadline_ms) == (
        90_000,
        15_000,
        40_000,
    )
    assert (config.fee_ppm, config.slippage_ppm, config.funding_rate_e8) == (500, 100, 10_000)


@pytest.mark.parametrize("name", ["threshold_perc", "strategy.threshold_perc"])
def test_set_wins_over_environment_wins_over_file(tmp_path: Path, name: str) -> None:
    config_file(tmp_path, "[strategy]\nthreshold_perc = 1\nma_length = 7\ncooldown_bars = 9\n")
    environment = {"REVERT_STRATEGY__THRESHOLD_PERC": "2", "REVERT_STRATEGY__MA_LENGTH": "8"}
    common = load(environment, tmp_path, None, [f"{name}=3"]).common
    assert (common.threshold_ppm, common.ma_length, common.cooldown_bars) == (30_000, 8, 9)


def test_bare_strategy_names_in_the_environment(tmp_path: Path) -> None:
    assert load({"REVERT_LEVERAGE": "7"}, tmp_path).common.leverage == 7


def test_the_last_set_wins(tmp_path: Path) -> None:
    assert load({}, tmp_path, None, ["seed=1", "seed=2"]).seed == 2


def test_a_symbol_s_own_table_lies_on_top_of_the_strategy(tmp_path: Path) -> None:
    config_file(
        tmp_path,
        "[strategy]\nthreshold_perc = 0.5\nma_length = 30\n[symbols.BTCUSDT]\n"
        "[symbols.ETHUSDT]\nthreshold_perc = 1.5\n",
    )
    environment = {"REVERT_SYMBOLS__ETHUSDT__COOLDOWN_BARS": "0"}
    config = load(environment, tmp_path, None, ["symbols.SOLUSDT.leverage=9"])
    assert list(config.symbols) == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    thresholds = [p.threshold_ppm for p in config.symbols.values()]
    assert thresholds == [5_000, 15_000, 5_000]
    assert [p.ma_length for p in config.symbols.values()] == [30, 30, 30]
    assert [p.cooldown_bars for p in config.symbols.values()] == [3, 0, 3]
    assert config.symbols["SOLUSDT"].leverage == 9


def test_symbol_is_short_for_one_empty_table(tmp_path: Path) -> None:
    config = load({"REVERT_SYMBOL": "XRPUSDT"}, tmp_path)
    assert config.symbols == {"XRPUSDT": config.common}
    assert faults(tmp_path, "symbol=XRPUSDT", "symbols.BTCUSDT.ma_length=3")


def test_relative_paths_begin_at_the_config_file_not_at_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    path = config_file(tmp_path / "etc", 'state = "s.json"\njournal = "/abs/journal"\n')
    for config in (
        load({}, tmp_path / "home", str(path)),
        load({"REVERT_CONFIG": str(path)}, tmp_path / "home"),
        load({}, tmp_path / "home", "../etc/config.toml"),
    ):
        assert isinstance(config.state, Path)
        assert isinstance(config.paper, Path)
        places = [Path(str(place)) for place in (config.state, config.paper)]
        assert all(place.is_absolute() for place in places)
        assert places[0].resolve() == tmp_path / "etc/s.json"
        assert places[1].resolve() == tmp_path / "etc/var/embedded/paper.json"
        assert config.journal == Path("/abs/journal")
    assert load({}, tmp_path / "home", None, ["state=s.json"]).state == tmp_path / "home/s.json"


def test_the_option_wins_over_the_variable_and_both_over_the_file_beside(tmp_path: Path) -> None:
    config_file(tmp_path, "seed = 1\n")
    second = config_file(tmp_path / "second", "seed = 2\n")
    third = config_file(tmp_path / "third", "seed = 3\n")
    variable = {"REVERT_CONFIG": str(second)}
    assert load({}, tmp_path).seed == 1
    assert load(variable, tmp_path).seed == 2
    assert load(variable, tmp_path, str(third)).seed == 3


@pytest.mark.parametrize("venue", ["demo", "live"])
def test_notes_lie_in_a_folder_of_their_venue(tmp_path: Path, venue: str) -> None:
    config = load({"REVERT_VENUE": venue}, tmp_path)
    assert config.state == tmp_path / f"var/{venue}/state.json"


@pytest.mark.parametrize(
    ("state", "page"),
    [
        ("s3://a-bucket/demo/main/state.json", "s3://a-bucket/demo/main/report.html"),
        ("s3://a-bucket/state.json", "s3://a-bucket/report.html"),
        ("/srv/state.json", "/home/var/embedded/report.html"),
    ],
)
def test_the_page_lies_beside_notes_in_s3(state: str, page: str) -> None:
    given = {"REVERT_STATE": state}
    assert str(load(given, Path("/home")).report) == page
    given["REVERT_REPORT"] = "s3://other/page.html"
    assert str(load(given, Path("/home")).report) == "s3://other/page.html"


def test_a_table_of_prices(tmp_path: Path) -> None:
    config_file(tmp_path, '[prices]\nBTCUSDT = "btc.csv"\n')
    config = load({"REVERT_PRICES__ETHUSDT": "/data/eth.csv"}, tmp_path)
    assert config.prices == {"BTCUSDT": tmp_path / "btc.csv", "ETHUSDT": Path("/data/eth.csv")}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("true", True),
        ("1", True),
        ("yes", True),
        ("False", False),
        ("0", False),
        ("no", False),
    ],
)
def test_switches(tmp_path: Path, text: str, read: bool) -> None:
    assert load({"REVERT_FUNDING": text}, tmp_path).funding is read


def field_of(config: Config, name: str) -> object:
    return getattr(config, name)


@pytest.mark.parametrize(
    ("assignment", "field", "value"),
    [
        ("fee_perc=0.0375", "fee_ppm", 375),
        ("slippage_bps=33.33", "slippage_ppm", 3_333),
        ("funding_rate_perc=-0.123457", "funding_rate_e8", -123_457),
        ("balance=337.12345678", "balance_e8", 33_712_345_678),
        ("balance=0", "balance_e8", 0),
        ("max_open_positions=60", "limits", Limits(open_positions=60)),
        ("early_wait_s=0", "early_wait_ms", 0),
        ("start_before_close_s=1.5", "start_before_close_ms", 1_500),
        ("entry_window_s=1.5", "entry_window_ms", 1_500),
    ],
)
def test_units(tmp_path: Path, assignment: str, field: str, value: int) -> None:
    assert field_of(load({}, tmp_path, None, [assignment]), field) == value


def test_a_float_of_the_file_is_taken_as_written(tmp_path: Path) -> None:
    config_file(tmp_path, "slippage_bps = 0.07\n[strategy]\nstop_loss_perc = 0.2901\n")
    config = load({}, tmp_path)
    assert (config.slippage_ppm, config.common.stop_loss_ppm) == (7, 2_901)


def test_every_setting_has_a_meaning_and_a_default_that_is_allowed() -> None:
    for setting in BY_NAME.values():
        assert setting.meaning
        if setting.default is not None:
            setting.read(setting.default)
    assert parameters.parse({}).ma_length == 20


def test_symbol_may_name_several(tmp_path: Path) -> None:
    config = load({"REVERT_SYMBOL": "BTCUSDT, ETHUSDT"}, tmp_path)
    assert list(config.symbols) == ["BTCUSDT", "ETHUSDT"]
