"""Messages and pings: what is told, to whom, once, and at what cost to the firing: none."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from moto.sns.models import sns_backends

from job.config import load
from job.notify import channels, desk, sending
from job.notify.desk import Desk, try_out
from job.report import News, Report
from tests.job.harness import entered, only
from tests.job.receiver import Receiver, receiver
from tests.job.terminal import Terminal, Typed
from tests.job.test_news import naked
from tests.oracle.planted import START_MS
from tests.oracle.planted_base import ENTERED, GAINED

TOKEN = "123456:SECRETtokenSECRET"
#: How long the channels may take in these tests (a busy machine needs some of it to answer at all),
#: and what a test may measure beyond that.
ANSWER_S, LIMIT_S, MARGIN_S = 0.6, 0.9, 1.0


@pytest.fixture
def ears() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "TIMEOUT_S", ANSWER_S)
    monkeypatch.setattr(sending.side_by_side, "__defaults__", (LIMIT_S,))
    monkeypatch.setattr(desk, "SEND_S", LIMIT_S)


def a_desk(folder: Path, *settings: str, **environment: str) -> Desk:
    return Desk(load({}, folder, None, settings), environment)


def a_report(*texts: str, command: str = "run", **fields: object) -> Report:
    report = Report("r1", command, "demo", "main", START_MS)
    report.news = [News("opened", text) for text in texts]
    return replace(report, **fields)  # type: ignore[arg-type]


STAMP = "2025-01-01 01:00:00Z DEMO account main: "


# The channels.


def test_telegram(tmp_path: Path, ears: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels.Telegram.__init__, "__defaults__", (ears.address,))
    found = a_desk(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_CHAT_ID="-42")
    assert found.close(a_report("BTCUSDT is long", "ETHUSDT is short")) == []
    assert ears.paths() == [f"/bot{TOKEN}/sendMessage"] * 2  # a message for each thing
    assert ears.texts() == [f"{STAMP}BTCUSDT is long", f"{STAMP}ETHUSDT is short"]
    assert ears.texts("chat_id") == ["-42", "-42"]


@pytest.mark.parametrize(("form", "name"), [("slack", "text"), ("discord", "content")])
def test_a_webhook(tmp_path: Path, ears: Receiver, form: str, name: str) -> None:
    (tmp_path / "address").write_text(f"{ears.address}/T0/B1/xyz\n")
    file = str(tmp_path / "address")
    found = a_desk(tmp_path, f"webhook_format={form}", WEBHOOK_URL_FILE=file)
    assert found.close(a_report("x" * 3_000)) == []
    [text] = ears.texts(name)
    assert (ears.paths(), len(text)) == (["/T0/B1/xyz"], channels.TEXT_MAX)


def test_sns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending.side_by_side, "__defaults__", (10.0,))  # boto3 is slow to load
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        topic = boto3.client("sns", "eu-central-1").create_topic(Name="revert")["TopicArn"]
        found = a_desk(tmp_path, f"sns_topic={topic}")
        assert found.close(a_report("BTCUSDT is long – now")) == []
        backend = sns_backends["123456789012"]["eu-central-1"]
        [(_, text, subject, *_)] = backend.topics[topic].sent_notifications
        assert text == f"{STAMP}BTCUSDT is long – now"
        assert subject == f"{STAMP}BTCUSDT is long ? now"
        gone = a_desk(tmp_path, f"sns_topic={topic}-gone").close(a_report("x"))
    assert gone == ["sns: not delivered: AWS refuses it (NotFound)"]


def test_very_many_messages_are_one(tmp_path: Path, ears: Receiver) -> None:
    found = a_desk(tmp_path, WEBHOOK_URL=ears.address)
    found.close(a_report(*(f"S{number} FAILED" for number in range(20))))
    [text] = ears.texts()
    assert text.count("\n") == 19


@pytest.mark.parametrize(
    ("manner", "why"),
    [
        (500, "HTTP 500"),
        (404, "HTTP 404"),
        (302, "HTTP 302"),  # followed, it would take the token along
        ("hang", f"no answer within {LIMIT_S} s|no answer in time"),
        ("drip", f"no answer within {LIMIT_S} s"),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_a_channel_that_fails_costs_its_time_and_keeps_its_secret(
    tmp_path: Path, ears: Receiver, manner: int | str, why: str
) -> None:
    ears.manner = manner
    with receiver() as well:
        found = a_desk(
            tmp_path, WEBHOOK_URL=f"{ears.address}/{TOKEN}", PING_URL=f"{well.address}/{TOKEN}"
        )
        began = time.monotonic()
        [told] = found.close(a_report("x"))
        assert time.monotonic() - began < LIMIT_S + MARGIN_S
        assert told.startswith("webhook: not delivered: ")
        assert any(told.endswith(each) for each in why.split("|"))
        assert TOKEN not in told
        assert well.paths() == [f"/{TOKEN}"]  # one channel does not cost another
    assert len(ears.heard) == 1


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"WEBHOOK_URL": "http://127.0.0.1:9/x"}, "webhook: not delivered: the connection failed"),
        ({"WEBHOOK_URL": "hooks.slack.com/x"},
         "webhook: not delivered: its address must begin with https://"),
        ({"WEBHOOK_URL": "https://[::bad/x"}, "webhook: not delivered: ValueError"),
        ({"WEBHOOK_URL_FILE": "/no/x"},
         "webhook: not delivered: WEBHOOK_URL_FILE = /no/x: cannot be read: FileNotFoundError"),
        ({"TELEGRAM_BOT_TOKEN": TOKEN},
         "telegram: TELEGRAM_CHAT_ID is missing: set it to the chat's number"),
        ({"PING_URL": "http://127.0.0.1:9/x"}, "ping: not delivered: the connection failed"),
    ],
)  # fmt: skip
def test_what_is_set_up_badly_is_told_and_stops_nothing(
    tmp_path: Path, environment: dict[str, str], told: str
) -> None:
    assert a_desk(tmp_path, **environment).close(a_report("x")) == [told]


def test_a_secret_may_lie_in_aws(
    tmp_path: Path, ears: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"ssm:/revert/webhook": f"{ears.address}/{TOKEN}\n"}
    monkeypatch.setattr("job.aws_credentials.value_in_aws", kept.__getitem__)
    found = a_desk(tmp_path, WEBHOOK_URL="ssm:/revert/webhook")
    assert found.close(a_report("x")) == []
    assert ears.paths() == [f"/{TOKEN}"]


def test_the_test_of_check(tmp_path: Path, ears: Receiver) -> None:
    environment = {
        "WEBHOOK_URL": ears.address,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "PING_URL": f"{ears.address}/ping",
    }
    told = try_out(load({}, tmp_path), environment)
    assert told == {
        "telegram": "telegram: TELEGRAM_CHAT_ID is missing: set it to the chat's number",
        "webhook": "",
    }
    assert ears.texts() == ["EMBEDDED account main: a test message of `check`"]


def test_check_sends_it_and_fails_where_it_does_not_arrive(
    terminal: Terminal, ears: Receiver
) -> None:
    listening(terminal, ears)
    typed = terminal.type("check")
    assert typed.status == 0
    assert "ok     webhook message: a test message was sent" in typed.told
    ears.manner = 403
    typed = terminal.type("check")
    assert typed.status == 1
    assert "FAILED webhook message: HTTP 403" in typed.told


# The dead man's switch.


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({}, ["/p"]),
        ({"failures": ["no stop rests"]}, ["/p/fail"]),
        ({"left": True}, []),
        ({"command": "guard"}, []),  # the guard has an address of its own
        ({"command": "halt"}, []),
    ],
)
def test_a_ping_says_how_it_ended(
    tmp_path: Path, ears: Receiver, fields: dict[str, object], paths: list[str]
) -> None:
    found = a_desk(tmp_path, PING_URL=f"{ears.address}/p")
    assert found.close(a_report(**fields)) == []  # type: ignore[arg-type]
    assert ears.paths() == paths


def test_a_run_that_ends_unprotected_is_no_sign_of_life(tmp_path: Path, ears: Receiver) -> None:
    desk = entered(tmp_path, ENTERED.flat(99_000, 3))
    naked(desk)
    report = desk.run(11)
    assert "UNPROTECTED" in only(report).error
    a_desk(tmp_path, PING_URL=f"{ears.address}/p").close(report)
    assert ears.paths() == ["/p/fail"]


def test_pings_begin_and_end_in_their_order(tmp_path: Path, ears: Receiver) -> None:
    found = a_desk(tmp_path, GUARD_PING_URL=f"{ears.address}/g/?create=1")
    found.started("guard")
    found.close(a_report(command="guard"))
    assert ears.paths() == ["/g/start?create=1", "/g?create=1"]


@pytest.mark.usefixtures("impatient")
def test_a_start_that_hangs_delays_nobody(tmp_path: Path, ears: Receiver) -> None:
    ears.manner = "hang"
    found = a_desk(tmp_path, PING_URL=ears.address)
    began = time.monotonic()
    found.started("run")
    assert time.monotonic() - began < 0.2
    found.close(a_report())
    assert time.monotonic() - began < LIMIT_S + MARGIN_S


# From the command line, over a trade's life.


def heard(terminal: Terminal, ears: Receiver, *arguments: str) -> tuple[Typed, list[str]]:
    """A command, and what was told of it, without time, venue and account."""
    ears.heard.clear()
    typed = terminal.type(*(arguments or ("run",)))
    return typed, [text.split(": ", 1)[1] for text in ears.texts()]


def listening(terminal: Terminal, ears: Receiver) -> None:
    terminal.environment["WEBHOOK_URL"] = f"{ears.address}/{TOKEN}"


def test_a_trade_is_told_once_at_each_turn(terminal: Terminal, ears: Receiver) -> None:
    terminal.on_candles(GAINED.flat(99_500, 2).bar(99_500, 99_500, 99_000, 99_000).flat(99_000, 2))
    listening(terminal, ears)
    told = [heard(terminal, ears)[1] for _ in range(7)]
    opened, moved, closed = [text for texts in told for text in texts]
    assert opened.startswith("BTCUSDT long 1.010 from 9901.0, stop 9802.0, target 10099.0, since ")
    assert opened.endswith("; balance 9995.00 USDT")
    assert moved.startswith("BTCUSDT long 1.010 from 9901.0, stop 9910.9 (moved), target ")
    assert "BTCUSDT long of 1.010 ended 2025-01-01 " in closed
    assert " by breakeven at 99" in closed
    for content in terminal.files().values():
        assert TOKEN.encode() not in content


def test_halt_resume_and_flatten_are_told(terminal: Terminal, ears: Receiver) -> None:
    terminal.on_candles(ENTERED.flat(99_000, 3))
    listening(terminal, ears)
    heard(terminal, ears)
    [halted] = heard(terminal, ears, "halt")[1]
    assert "NO ENTRIES since" in halted
    assert heard(terminal, ears, "resume")[1] == ["entries are allowed again"]
    again, closed = heard(terminal, ears, "flatten")[1]
    assert "flattened by hand" in again
    assert " by flattened at 98" in closed
    assert heard(terminal, ears)[1] == []


def test_a_limit_that_latches_is_told_once(terminal: Terminal, ears: Receiver) -> None:
    terminal.on_candles(ENTERED.flat(98_000, 4), "max_losses_in_a_row = 1")
    listening(terminal, ears)
    told = [heard(terminal, ears)[1] for _ in range(4)]
    assert [len(texts) for texts in told] == [1, 2, 0, 0]
    assert "by stop" in told[1][0]
    assert "NO ENTRIES" in told[1][1]


@pytest.mark.parametrize("manner", [200, 500, "hang", "drip"])
@pytest.mark.usefixtures("impatient")
def test_a_channel_changes_nothing_that_the_job_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ears: Receiver, manner: int | str
) -> None:
    ears.manner = manner
    kept = []
    for name in ("silent", "listening"):
        (tmp_path / name).mkdir()
        terminal = Terminal(tmp_path / name, capsys)
        terminal.on_candles(ENTERED.flat(99_000, 3))
        if name == "listening":
            listening(terminal, ears)
        assert [terminal.type("run").status for _ in range(2)] == [0, 0]
        kept.append(terminal.files())
    assert kept[0] == kept[1]
    assert len(ears.heard) == 1


def test_a_replay_and_a_status_tell_nobody(terminal: Terminal, ears: Receiver) -> None:
    listening(terminal, ears)
    terminal.environment["PING_URL"] = f"{ears.address}/ping"
    assert terminal.replay(ENTERED.flat(99_000, 3)).status == 0
    assert terminal.type("status").status == 0
    assert ears.heard == []


def test_a_run_that_cannot_even_begin_pings_its_failure(terminal: Terminal, ears: Receiver) -> None:
    terminal.environment["PING_URL"] = f"{ears.address}/ping"
    assert terminal.type("run", "--set", "venue=demo").status == 2  # without keys
    assert ears.paths() == ["/ping/fail"]
    ears.heard.clear()
    assert terminal.type("run").status == 0
    assert ears.paths() == ["/ping/start", "/ping"]
