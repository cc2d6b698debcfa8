"""template.yaml, line by line for what matters, after the translation that AWS makes of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from job import config as configuration
from job import settings
from job.commands.lambda_entry import FUNCTION_COMMAND, command_of
from job.metrics import DIMENSIONS, NAMESPACE
from job.outside import LAST_WORDS_MS
from tests.deploy.template import (
    GUARD,
    REPORT,
    ROOT,
    RUN,
    after_failure,
    environment,
    needs_tools,
    resources,
    rights,
    schedule,
    translated,
)

pytestmark = needs_tools


def test_nothing_fires_until_somebody_says_so() -> None:
    assert translated()["Parameters"]["Schedule"]["Default"] == "disabled"
    assert schedule(RUN)["State"] == {"Fn::If": ["RunIsFired", "ENABLED", "DISABLED"]}
    for function in (GUARD, REPORT):
        assert schedule(function)["State"] == {"Fn::If": ["GuardIsFired", "ENABLED", "DISABLED"]}
    conditions = translated()["Conditions"]
    assert conditions["RunIsFired"] == {"Fn::Equals": [{"Ref": "Schedule"}, "run-and-guard"]}
    assert conditions["GuardIsFired"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "Schedule"}, "disabled"]}]
    }


def test_the_run_is_fired_at_every_close() -> None:
    assert schedule(RUN)["ScheduleExpression"] == "cron(0/5 * * * ? *)"


def test_the_guard_is_fired_in_every_other_minute() -> None:
    cron = schedule(GUARD)["ScheduleExpression"]
    assert cron.endswith(" * * * ? *)")
    minutes: list[int] = []
    for span in cron.removeprefix("cron(").split(" ")[0].split(","):
        first, last = map(int, span.split("-"))
        minutes += range(first, last + 1)
    assert minutes == [minute for minute in range(60) if minute % 5]


@pytest.mark.parametrize("function", [RUN, GUARD])
def test_a_firing_that_cannot_be_handed_over_is_kept(function: str) -> None:
    target = schedule(function)["Target"]
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 120}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["Undelivered", "Arn"]}}


@pytest.mark.parametrize(
    ("function", "command"), [(RUN, "run"), (GUARD, "guard"), (REPORT, "report")]
)
def test_how_a_firing_is_handed_over(function: str, command: str) -> None:
    fired = schedule(function)
    assert fired["ScheduleExpressionTimezone"] == "UTC"
    assert fired["FlexibleTimeWindow"] == {"Mode": "OFF"}
    target = fired["Target"]
    event = json.loads(target["Input"])
    assert event == {
        "command": command,
        "scheduled_time": "<aws.scheduler.scheduled-time>",
        "attempt": "<aws.scheduler.attempt-number>",
        "execution_id": "<aws.scheduler.execution-id>",
    }
    assert command_of(event) == command


def test_a_failed_run_is_not_run_again_but_fires_the_guard_at_once() -> None:
    assert after_failure(RUN) == {
        "FunctionName": {"Ref": RUN},
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 60,
        "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": [GUARD, "Arn"]}}},
    }


def test_a_failed_guard_is_tried_once_more_and_then_noted() -> None:
    assert after_failure(GUARD) == {
        "FunctionName": {"Ref": GUARD},
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 1,
        "MaximumEventAgeInSeconds": 300,
        "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Undelivered", "Arn"]}}},
    }


def test_no_failure_path_leads_from_the_guard_to_the_guard() -> None:
    leads: dict[str, set[str]] = {}
    for each in resources("AWS::Lambda::EventInvokeConfig").values():
        source = each["FunctionName"]["Ref"]
        for way in each.get("DestinationConfig", {}).values():
            leads.setdefault(source, set()).add(way["Destination"]["Fn::GetAtt"][0])
    seen, ahead = set(), leads[GUARD]
    while ahead:
        seen |= ahead
        ahead = {to for at in ahead for to in leads.get(at, ())} - seen
    assert seen == {"Undelivered"}
    # and nothing takes from the queue, or from the topic, to fire a function
    kinds = {each["Type"] for each in translated()["Resources"].values()}
    assert "AWS::Lambda::EventSourceMapping" not in kinds
    assert "AWS::Lambda::Permission" not in kinds


def test_all_functions_are_the_same_bundle() -> None:
    functions = resources("AWS::Lambda::Function")
    assert set(functions) == {RUN, GUARD, REPORT}
    for each in functions.values():
        assert (each["Runtime"], each["Architectures"]) == ("python3.13", ["arm64"])
        assert each["Handler"] == "handler.lambda_handler"
        assert each["ReservedConcurrentExecutions"] == {
            "Fn::If": ["ReservesConcurrency", 1, {"Ref": "AWS::NoValue"}]
        }
        assert each["LoggingConfig"]["LogFormat"] == "JSON"
    targets = "".join(f"build-{name} " for name in functions).strip()
    assert f"\n{targets}:\n" in (ROOT / "Makefile").read_text("utf-8")
    assert translated()["Parameters"]["ReservedConcurrency"]["Default"] == "none"


def test_a_hanging_firing_has_time_to_end_itself_before_aws_kills_it() -> None:
    deadline_ms = settings.BY_NAME["deadline_s"].read(settings.BY_NAME["deadline_s"].default)
    functions = resources("AWS::Lambda::Function")
    for name in (RUN, GUARD):
        assert deadline_ms + LAST_WORDS_MS <= functions[name]["Timeout"] * 1000 <= 60_000


@pytest.mark.parametrize(("function", "command"), [(GUARD, "guard"), (REPORT, "report")])
def test_a_function_of_one_command_knows_no_other(function: str, command: str) -> None:
    assert environment(function) == {**environment(RUN), FUNCTION_COMMAND: command}
    assert command_of({"command": "run"}, command) == command
    assert FUNCTION_COMMAND not in environment(RUN)


@pytest.mark.parametrize("venue", settings.VENUES)
def test_what_the_template_sets_is_what_the_program_knows(venue: str, tmp_path: Path) -> None:
    parameters = translated()["Parameters"]
    assert parameters["Venue"]["AllowedValues"] == list(settings.VENUES)
    known = {
        "Venue": venue,
        "Account": "main",
        "Notes": "a-bucket-of-notes",
        "Alarms": "arn:aws:sns:ap-northeast-1:123456789012:revert-alarms",
    }
    for name, value in parameters.items():
        known.setdefault(name, value["Default"])

    def text(value: Any) -> str | None:
        if "Fn::If" in value:
            condition, yes, no = value["Fn::If"]
            holds = {"OnTheWire": venue != "embedded", "SymbolsGiven": True}[condition]
            return text(yes if holds else no)
        if "Fn::Sub" in value:
            found: str = value["Fn::Sub"]
            for name, known_as in known.items():
                found = found.replace("${" + name + "}", str(known_as))
            return found
        return known.get(value["Ref"])

    variables = {name: text(value) for name, value in environment(RUN).items()}
    given = {name: value for name, value in variables.items() if value is not None}
    config = configuration.load(given, tmp_path)
    assert (config.venue, config.account, list(config.symbols)) == (venue, "main", ["BTCUSDT"])
    assert config.owner == "lambda"
    assert config.credentials == (None if venue == "embedded" else "ssm:/revert/binance")
    assert str(config.report) == f"s3://a-bucket-of-notes/{venue}/main/report.html"
    for place in (config.state, config.journal, config.paper):
        assert str(place).startswith(f"s3://a-bucket-of-notes/{venue}/main/")


def test_the_key_itself_is_nowhere() -> None:
    names = {*translated()["Parameters"], *environment(RUN), *environment(GUARD)}
    assert not [name for name in names if "SECRET" in name.upper() or "APIKEY" in name.upper()]
    assert not [name for name in names if name.startswith("BINANCE")]


def test_every_parameter_says_what_it_is_and_what_it_may_be() -> None:
    for name, each in translated()["Parameters"].items():
        assert len(each["Description"]) > 20, name
        assert ("AllowedValues" in each) != ("AllowedPattern" in each), name
        assert "Default" in each, name


def test_regions_that_binance_blocks_are_refused_where_the_user_chooses() -> None:
    rule = translated()["Rules"]["RegionIsServedByBinance"]
    regions = rule["Assertions"][0]["Assert"]["Fn::Not"][0]["Fn::Contains"][0]
    assert {"us-east-1", "us-west-2", "ca-central-1", "ap-southeast-5"} <= set(regions)
    assert not {"ap-northeast-1", "ap-southeast-1", "eu-central-1"} & set(regions)


def test_no_right_is_on_everything() -> None:
    for right in rights():
        if right.effect == "Allow":
            assert "*" not in right.things, right
            assert not [action for action in right.actions if "*" in action], right
            for thing in right.things:
                assert thing != {"Fn::Sub": "*"}


def test_who_may_do_what() -> None:
    allowed = {
        (right.holder, action)
        for right in rights()
        if right.effect == "Allow"
        for action in right.actions
    }
    assert allowed == {
        ("JobPolicy", "s3:GetObject"),
        ("JobPolicy", "s3:PutObject"),
        ("JobPolicy", "s3:ListBucket"),
        ("JobPolicy", "sns:Publish"),
        ("PagePolicy", "s3:GetObject"),
        ("PagePolicy", "s3:PutObject"),
        ("PagePolicy", "s3:ListBucket"),
        ("KeyInSsmPolicy", "ssm:GetParameter"),
        ("KeyInSecretsManagerPolicy", "secretsmanager:GetSecretValue"),
        ("RunRole", "logs:CreateLogStream"),
        ("RunRole", "logs:PutLogEvents"),
        ("RunRole", "lambda:InvokeFunction"),
        ("GuardRole", "logs:CreateLogStream"),
        ("GuardRole", "logs:PutLogEvents"),
        ("GuardRole", "sqs:SendMessage"),
        ("ReportRole", "logs:CreateLogStream"),
        ("ReportRole", "logs:PutLogEvents"),
        ("SchedulerRole", "lambda:InvokeFunction"),
        ("SchedulerRole", "sqs:SendMessage"),
        ("AlarmsPolicy", "sns:Publish"),
    }


def test_no_role_has_a_policy_of_aws_but_in_a_vpc() -> None:
    roles = resources("AWS::IAM::Role")
    assert set(roles) == {"RunRole", "GuardRole", "ReportRole", "SchedulerRole"}
    for each in roles.values():
        managed = each.get("ManagedPolicyArns", {"Fn::If": ["InVpc"]})
        assert managed["Fn::If"][0] == "InVpc"
        assert managed["Fn::If"][2:] in ([], [{"Ref": "AWS::NoValue"}])


def test_the_notes_outlive_everything() -> None:
    bucket = translated()["Resources"]["Notes"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = bucket["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "BucketEncryption" in properties
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    expiry = [rule.get("NoncurrentVersionExpiration") for rule in
              properties["LifecycleConfiguration"]["Rules"]]  # fmt: skip
    assert {"NoncurrentDays": 30, "NewerNoncurrentVersions": 100} in expiry
    assert not [rule for rule in properties["LifecycleConfiguration"]["Rules"]
                if "ExpirationInDays" in rule]  # fmt: skip


def test_the_bucket_takes_only_encrypted_and_conditional_writes() -> None:
    denied = {right.statement["Sid"]: right for right in rights() if right.effect == "Deny"}
    tls = denied["TlsOnly"].statement
    assert (tls["Action"], tls["Principal"]) == ("s3:*", "*")
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    writes = denied["ConditionalWritesOnly"].statement
    assert (writes["Action"], writes["Principal"]) == ("s3:PutObject", "*")
    assert writes["Condition"] == {"Null": {"s3:if-match": "true", "s3:if-none-match": "true"}}


def test_logs_do_not_pile_up() -> None:
    groups = resources("AWS::Logs::LogGroup")
    assert set(groups) == {"RunLogs", "GuardLogs", "ReportLogs"}
    for each in groups.values():
        assert each["RetentionInDays"] == {"Ref": "LogDays"}


#: Alarm → metric, how missing data counts, under which condition it exists.
ALARMS = {
    "UnprotectedAlarm": ("Unprotected", "notBreaching", None),
    "RunSilentAlarm": ("Invocations", "breaching", "RunIsFired"),
    "GuardSilentAlarm": ("Invocations", "breaching", "GuardIsFired"),
    "RunErrorsAlarm": ("Errors", "notBreaching", None),
    "GuardErrorsAlarm": ("Errors", "notBreaching", None),
    "RunThrottlesAlarm": ("Throttles", "notBreaching", None),
    "GuardThrottlesAlarm": ("Throttles", "notBreaching", None),
    "RunDroppedAlarm": ("AsyncEventsDropped", "notBreaching", None),
    "GuardDroppedAlarm": ("AsyncEventsDropped", "notBreaching", None),
    "UndeliveredAlarm": ("ApproximateNumberOfMessagesVisible", "notBreaching", None),
}


def test_every_alarm_looks_at_the_right_thing_and_tells_somebody() -> None:
    found = {
        name: (
            each["Properties"]["MetricName"],
            each["Properties"]["TreatMissingData"],
            each.get("Condition"),
        )
        for name, each in translated()["Resources"].items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert found == ALARMS
    for name, each in resources("AWS::CloudWatch::Alarm").items():
        assert each["AlarmActions"] == [{"Ref": "Alarms"}]
        below = each["ComparisonOperator"] == "LessThanThreshold"
        assert below == ("Silent" in name)
        assert each["Threshold"] == 1
        for function in ("Run", "Guard"):
            if name.startswith(function):
                assert each["Dimensions"] == [
                    {"Name": "FunctionName", "Value": {"Ref": f"{function}Function"}}
                ]


def test_the_alarm_reads_the_metric_that_the_report_writes() -> None:
    alarm = resources("AWS::CloudWatch::Alarm")["UnprotectedAlarm"]
    assert alarm["Namespace"] == NAMESPACE
    assert [each["Name"] for each in alarm["Dimensions"]] == list(DIMENSIONS)


def test_the_dashboard_is_json() -> None:
    (dashboard,) = resources("AWS::CloudWatch::Dashboard").values()
    assert len(json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]) == 4
