"""May these parameters open positions with real money? Only on evidence, or on the user's word.

`python -m backtest walkforward --evidence` writes the file; this is its form and its judge. A ban
of entries only: whatever is wrong with the evidence, protection and exits go on. Never asked for
on the demo or the embedded exchange.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec

from job.config import Config
from job.firing import Firing
from job.settings import PPM_PER_BP
from state.s3_address import S3Address
from strategy import RULES_VERSION
from strategy import parameters as settings
from strategy.parameters import ParameterFaultsError, Parameters
from strategy.units import PPM_PER_PERCENT
from strategy.words import count_text

FORMAT = 2
#: Standard errors that tell a mean from zero; backtest.summary says it of every run.
ERRORS_FROM_ZERO = 1.96


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Trades out of sample; expectancy net of costs, in bp of the notional, a trade."""

    windows: int
    trades: int
    net_usdt: str
    expectancy_bp: float | None
    error_bp: float | None


class Costs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was charged, whole units. `funding`: all the time, no rate was missing."""

    fee_ppm: int
    slippage_ppm: int
    stop_range_ppm: int
    funding: bool


class Candles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which data: times as texts (UTC), `sha256` over times and prices."""

    begin: str
    end: str
    count: int
    sha256: str


class Luck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The test that knows how many combinations were tried."""

    test: str
    p_value: float
    combinations: int


class SymbolEvidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One symbol's walk. `total`: all that was chosen; `these`: only these parameters."""

    parameters: dict[str, str]
    candles: Candles
    costs: Costs
    train_days: int
    test_days: int
    grid: dict[str, list[str]]
    total: Result
    these: Result
    luck: Luck
    rules_version: int  # strategy.RULES_VERSION


class _Head(msgspec.Struct):
    """What a file of any format says of itself."""

    format: int


class EvidenceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file: evidence by symbol."""

    format: int
    symbols: dict[str, SymbolEvidence]


class Judgement(NamedTuple):
    """May a symbol be entered, and the sentence why or why not."""

    allowed: bool
    text: str


class NoEvidenceError(Exception):
    """There is no file, or it cannot be used; one line."""


def texts_of(parameters: Parameters) -> dict[str, str]:
    """Parameters by the user's names, as `strategy.parameters.parse` reads them."""
    texts = {"interval": parameters.interval}
    for setting in settings.SETTINGS:
        number = Decimal(getattr(parameters, setting.field)) / setting.scale
        texts[setting.name] = f"{number.normalize():f}"
    return texts


def load(place: Path | S3Address) -> EvidenceFile:
    """The file at a path or in S3. Raises NoEvidenceError."""
    try:
        return decode(_bytes_of(place))
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise NoEvidenceError(f"{place}: {why}") from None
    except msgspec.MsgspecError as error:
        raise NoEvidenceError(f"{place} is no evidence of `walkforward`: {error}") from None


def decode(data: bytes) -> EvidenceFile:
    """Strict: an unknown or a missing field is an error. Raises msgspec.MsgspecError."""
    found = msgspec.json.decode(data, type=_Head).format
    if found != FORMAT:
        raise msgspec.ValidationError(
            f"format {found}, this program reads {FORMAT}; remove it and run `walkforward` again"
        )
    return msgspec.json.decode(data, type=EvidenceFile)


def _bytes_of(place: Path | S3Address) -> bytes:
    if isinstance(place, Path):
        return place.read_bytes()
    from job.places import s3_client  # boto3 is loaded only where the settings say S3
    from state.s3_bucket import Bucket

    stored = Bucket(place.bucket, s3_client()).read(place.key)
    if stored is None:
        raise FileNotFoundError
    return stored.data


def ban_without_evidence(firing: Firing) -> None:
    """On live, forbid the entries of every symbol that lacks evidence, and tell which has it."""
    if firing.job.config.venue != "live":
        return
    judged = judge_all(firing.job.config)
    for symbol, judgement in judged.items():
        firing.report.notices.append(f"evidence {symbol}: {judgement.text}")
    for work in firing.works:
        judgement = judged.get(work.symbol, Judgement(True, ""))
        if not judgement.allowed:
            work.entry_ban = f"no evidence: {judgement.text}"


def judge_all(config: Config) -> dict[str, Judgement]:
    """Every configured symbol. Reads the file once, and only where it is needed."""
    if config.trade_without_evidence:
        told = Judgement(True, "not asked for (trade_without_evidence = true)")
        return dict.fromkeys(config.symbols, told)
    try:
        file = load(config.evidence)
    except NoEvidenceError as error:
        return dict.fromkeys(config.symbols, Judgement(False, str(error)))
    return {
        symbol: judge(file.symbols, symbol, parameters, config)
        for symbol, parameters in config.symbols.items()
    }


def judge(
    known: Mapping[str, SymbolEvidence], symbol: str, parameters: Parameters, config: Config
) -> Judgement:
    """One symbol. Every doubt is a no."""
    evidence = known.get(symbol)
    if evidence is None:
        return Judgement(False, "the file holds none for this symbol")
    try:
        theirs = settings.parse(evidence.parameters)
    except ParameterFaultsError as error:
        return Judgement(False, f"its parameters cannot be read: {error.faults[0]}")
    no = [
        _other_parameters(theirs, parameters),
        _other_rules(evidence.rules_version),
        _lower_costs(evidence.costs, config),
        no_gain(evidence),
    ]
    why = next((text for text in no if text), "")
    return Judgement(False, why) if why else Judgement(True, gain(evidence))


def no_gain(evidence: SymbolEvidence) -> str:
    """Why the figures alone forbid entries; empty where they do not."""
    return _no_gain_in("walk-forward as a whole", evidence.total) or _no_gain_in(
        "windows in which these parameters were chosen", evidence.these
    )


def gain(evidence: SymbolEvidence) -> str:
    """What the figures show, and how much of it may be chance."""
    these, luck = evidence.these, evidence.luck
    error_bp = these.error_bp or 0
    far = (these.expectancy_bp or 0) > ERRORS_FROM_ZERO * error_bp
    span = f"{evidence.candles.begin[:10]} to {evidence.candles.end[:10]}"
    return (
        f"{these.expectancy_bp:+.1f} bp ± {error_bp:.1f} a trade out of sample"
        f"{'' if far else ', not distinguishable from zero'}, {these.trades} trades, {span}; "
        f"chance of such luck among {count_text(luck.combinations, 'combination')} "
        f"{luck.p_value:.2f}"
    )


def _other_parameters(theirs: Parameters, ours: Parameters) -> str:
    if theirs == ours:
        return ""
    there, here = texts_of(theirs), texts_of(ours)
    different = [f"{name} {there[name]} (here {here[name]})"
                 for name in here if there[name] != here[name]]  # fmt: skip
    return "it is for other parameters: " + ", ".join(different)


def _other_rules(version: int) -> str:
    """What other rules would have earned is not what these earn."""
    if version == RULES_VERSION:
        return ""
    return (
        f"it was found by rules of version {version}, these are of version {RULES_VERSION}; "
        "run `python -m backtest walkforward` again"
    )


def _lower_costs(costs: Costs, config: Config) -> str:
    """Evidence that was charged less than the settings reckon with shows nothing."""
    charged = {
        "fee_perc": (costs.fee_ppm, config.fee_ppm, PPM_PER_PERCENT),
        "slippage_bps": (costs.slippage_ppm, config.slippage_ppm, PPM_PER_BP),
        "stop_slippage_range_perc": (costs.stop_range_ppm, config.stop_range_ppm, PPM_PER_PERCENT),
    }
    for name, (theirs, ours, scale) in charged.items():
        if theirs < ours:
            return f"it was charged {name} {theirs / scale:g}; the settings say {ours / scale:g}"
    if config.funding and not costs.funding:
        return "it was not charged funding all the time; the settings say that funding is paid"
    return ""


def _no_gain_in(what: str, result: Result) -> str:
    """The mean is compared, not the sum: how much was risked is not evidence."""
    if result.expectancy_bp is None:
        return f"{what}: {result.trades} trades out of sample, too few to say anything"
    if not result.expectancy_bp > 0:  # so that a NaN is no gain
        return f"{what}: {result.expectancy_bp:+.1f} bp a trade out of sample, after costs"
    return ""
