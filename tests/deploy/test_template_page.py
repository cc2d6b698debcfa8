"""The page's function in template.yaml: when it is fired, what it may do, and whom it disturbs."""

from tests.deploy.template import (
    REPORT,
    RUN,
    after_failure,
    environment,
    needs_tools,
    resources,
    rights,
    schedule,
)

pytestmark = needs_tools


def test_the_page_is_asked_for_when_the_first_run_of_the_day_has_ended() -> None:
    assert schedule(REPORT)["ScheduleExpression"] == "cron(3 0 * * ? *)"
    run_s = resources("AWS::Lambda::Function")[RUN]["Timeout"]
    assert 59 + run_s < 3 * 60  # a schedule fires within its minute


def test_a_page_that_fails_is_tried_once_more_and_sets_nothing_off() -> None:
    assert after_failure(REPORT) == {
        "FunctionName": {"Ref": REPORT},
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 1,
        "MaximumEventAgeInSeconds": 3600,
        "DestinationConfig": {},
    }
    assert "DeadLetterConfig" not in schedule(REPORT)["Target"]
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        assert {"Name": "FunctionName", "Value": {"Ref": REPORT}} not in alarm["Dimensions"]


def test_the_page_s_function_can_write_the_page_and_nothing_else() -> None:
    assert resources("AWS::Lambda::Function")[REPORT]["Role"] == {
        "Fn::GetAtt": ["ReportRole", "Arn"]
    }
    policies = resources("AWS::IAM::ManagedPolicy")
    mine = {name for name, each in policies.items() if {"Ref": "ReportRole"} in each["Roles"]}
    assert mine == {"PagePolicy", "KeyInSsmPolicy", "KeyInSecretsManagerPolicy"}
    assert policies["PagePolicy"]["Roles"] == [{"Ref": "ReportRole"}]
    (put,) = (
        right
        for right in rights()
        if right.holder == "PagePolicy" and "s3:PutObject" in right.actions
    )
    page = environment(REPORT)["REVERT_REPORT"]["Fn::Sub"].removeprefix("s3://${Notes}/")
    assert put.things == [{"Fn::Sub": "${Notes.Arn}/" + page}]
