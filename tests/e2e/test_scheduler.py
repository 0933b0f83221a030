"""EventBridge Scheduler in the local cloud: schedules fire functions, for AWS's own clients."""

import datetime
import json
import socket
import subprocess

import botocore.exceptions
import pytest

from support.cloud import REGION, ROOT
from support.functions import LOOP, create_function
from support.roles import new_role
from support.schedules import allow, at, create_role, in_seconds, may_invoke
from support.waiting import wait_until

# Writes each event into the function's log.
LOGS_EVENTS = LOOP % "echo \"event: $event\" >&2; echo '{}'"
ATTRIBUTES = {"arn": "<aws.scheduler.schedule-arn>", "time": "<aws.scheduler.scheduled-time>",
              "id": "<aws.scheduler.execution-id>", "attempt": "<aws.scheduler.attempt-number>"}


def events_of(cloud, function: str) -> list[dict]:
    """The events that the function has logged."""
    logs = cloud.client("logs")
    try:
        lines = [event["message"] for event in logs.filter_log_events(
            logGroupName=f"/aws/lambda/{function}", filterPattern='"event: "')["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [json.loads(line.removeprefix("event: ")) for line in lines]


def first_event(cloud, function: str) -> dict:
    return wait_until(lambda: events_of(cloud, function), f"{function} to be fired", seconds=40)[0]


def test_a_one_time_schedule_fires_with_its_context_attributes_and_is_deleted(module_cloud):
    cloud, scheduler = module_cloud, module_cloud.client("scheduler")
    function = create_function(cloud, "once", LOGS_EVENTS)
    role = create_role(cloud, "once-timer", may_invoke(function))
    scheduler.create_schedule_group(Name="demo-dev", Tags=[{"Key": "nimbus:project", "Value": "demo"}])
    moment = in_seconds(5, "Europe/Berlin")
    arn = scheduler.create_schedule(
        Name="once", GroupName="demo-dev", ScheduleExpression=at(moment), ScheduleExpressionTimezone="Europe/Berlin",
        FlexibleTimeWindow={"Mode": "OFF"}, ActionAfterCompletion="DELETE",
        Target={"Arn": function, "RoleArn": role, "Input": json.dumps(ATTRIBUTES)})["ScheduleArn"]
    assert arn == f"arn:aws:scheduler:{REGION}:{cloud.account}:schedule/demo-dev/once"

    event = first_event(cloud, "once")
    assert len(event.pop("id")) == 16
    assert event == {"arn": arn, "attempt": "1",
                     "time": moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException, match="Schedule once does not exist"):
        scheduler.get_schedule(Name="once", GroupName="demo-dev")

    group = f"arn:aws:scheduler:{REGION}:{cloud.account}:schedule-group/demo-dev"
    assert scheduler.list_tags_for_resource(ResourceArn=group)["Tags"] == [{"Key": "nimbus:project", "Value": "demo"}]
    scheduler.delete_schedule_group(Name="demo-dev")
    names = lambda: [g["Name"] for g in scheduler.list_schedule_groups()["ScheduleGroups"]]
    wait_until(lambda: names() == ["default"], "the group to be deleted")


def test_a_rate_fires_at_once_with_the_event_that_scheduler_makes(module_cloud):
    cloud, scheduler = module_cloud, module_cloud.client("scheduler")
    function = create_function(cloud, "rate", LOGS_EVENTS)
    arn = scheduler.create_schedule(
        Name="rate", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": function, "RoleArn": create_role(cloud, "rate-timer", may_invoke(function))})["ScheduleArn"]
    event = first_event(cloud, "rate")
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.scheduler", "Scheduled Event", "{}")
    assert (event["account"], event["region"], event["resources"]) == (cloud.account, REGION, [arn])
    scheduler.delete_schedule(Name="rate")


def test_what_was_missed_while_the_cloud_was_off_fires_once(cloud):
    scheduler = cloud.client("scheduler")
    function = create_function(cloud, "missed", LOGS_EVENTS)
    role = create_role(cloud, "missed-timer", may_invoke(function))
    moment = in_seconds(5)
    scheduler.create_schedule(Name="missed", ScheduleExpression=at(moment), FlexibleTimeWindow={"Mode": "OFF"},
                              Target={"Arn": function, "RoleArn": role, "Input": "{}"})
    cloud.stop()
    wait_until(lambda: in_seconds(0) > moment, "the moment to go by")
    cloud.start()
    first_event(cloud, "missed")
    cloud.kill()
    cloud.start()
    assert cloud.client("scheduler").get_schedule(Name="missed")["State"] == "ENABLED"
    assert events_of(cloud, "missed") == [{}]


def test_a_role_that_may_not_invoke_is_told_in_the_log_and_tried_again(module_cloud):
    cloud, scheduler = module_cloud, module_cloud.client("scheduler")
    function = create_function(cloud, "refused", LOGS_EVENTS)
    role = create_role(cloud, "refused-timer")
    scheduler.create_schedule(Name="refused", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
                              Target={"Arn": function, "RoleArn": role, "Input": json.dumps(ATTRIBUTES)})
    line = wait_until(lambda: cloud.run("local", "logs", "--level", "warning", "default/refused").stdout, "the log to tell")
    assert "A schedule cannot invoke its target" in line
    assert "is not authorized to perform: lambda:InvokeFunction" in line
    allow(cloud, "refused-timer", may_invoke(function))
    assert int(first_event(cloud, "refused")["attempt"]) > 1
    scheduler.delete_schedule(Name="refused")


def test_schedulers_own_permissions_are_checked(module_cloud):
    caller = new_role(module_cloud, "scheduler-reader",
                      {"Effect": "Allow", "Action": "scheduler:List*", "Resource": "*"})
    scheduler = module_cloud.client("scheduler", **caller["credentials"])
    assert "Schedules" in scheduler.list_schedules()
    with pytest.raises(botocore.exceptions.ClientError, match="not authorized to perform: scheduler:DeleteSchedule"):
        scheduler.delete_schedule(Name="any")
    with pytest.raises(botocore.exceptions.ClientError, match="not authorized to perform: scheduler:CreateSchedule"):
        scheduler.create_schedule(Name="any", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
                                  Target={"Arn": "arn:any", "RoleArn": "arn:any"})


def test_an_event_of_a_function_survives_a_crash(cloud):
    # Before the crash it does not get to its end, whose log would be lost with the cloud.
    with socket.socket() as gate:
        gate.bind(("127.0.0.1", 0))
        opens = f"until (exec 3<> /dev/tcp/127.0.0.1/{gate.getsockname()[1]}) 2> /dev/null; do sleep 0.1; done"
        create_function(cloud, "event", LOOP % f"{opens}; echo \"event: $event\" >&2; echo '{{}}'")
        cloud.client("lambda").put_function_event_invoke_config(FunctionName="event", MaximumRetryAttempts=1)
        answer = cloud.client("lambda").invoke(FunctionName="event", InvocationType="Event", Payload='{"n":1}')
        assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
        cloud.kill()
        gate.listen()
        cloud.start()
        assert first_event(cloud, "event") == {"n": 1}
    assert cloud.client("lambda").get_function_event_invoke_config(FunctionName="event")["MaximumRetryAttempts"] == 1


def test_the_aws_cli_does_all_of_it(module_cloud, tmp_path):
    cloud = module_cloud
    function = create_function(cloud, "cli", LOGS_EVENTS)
    role = create_role(cloud, "cli-timer", may_invoke(function))

    def aws(*arguments, code=0):
        done = subprocess.run(["aws", "scheduler", *arguments, "--output", "json"], env=cloud.aws_environment(),
                              cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if code == 0 and done.stdout.strip() else done.stderr

    group = aws("create-schedule-group", "--name", "cli", "--tags", "Key=purpose,Value=test")["ScheduleGroupArn"]
    aws("tag-resource", "--resource-arn", group, "--tags", "Key=more,Value=yes")
    aws("untag-resource", "--resource-arn", group, "--tag-keys", "purpose")
    assert aws("list-tags-for-resource", "--resource-arn", group)["Tags"] == [{"Key": "more", "Value": "yes"}]
    assert aws("get-schedule-group", "--name", "cli")["State"] == "ACTIVE"

    target = json.dumps({"Arn": function, "RoleArn": role, "Input": "{\"from\":\"the cli\"}"})
    named = ("--name", "nightly", "--group-name", "cli")
    mistake = aws("create-schedule", *named, "--schedule-expression", "cron(0 25 * * ? *)",
                  "--flexible-time-window", "Mode=OFF", "--target", target, code=255)
    assert "ValidationException" in mistake and "the hours field is '25'; hours are 0 to 23" in mistake
    arn = aws("create-schedule", *named, "--schedule-expression", "cron(0 2 * * ? *)",
              "--schedule-expression-timezone", "America/New_York", "--description", "Every night",
              "--flexible-time-window", "Mode=FLEXIBLE,MaximumWindowInMinutes=15", "--target", target)["ScheduleArn"]
    got = aws("get-schedule", *named)
    assert (got["Arn"], got["ScheduleExpression"], got["ScheduleExpressionTimezone"], got["State"]) == (
        arn, "cron(0 2 * * ? *)", "America/New_York", "ENABLED")
    assert [s["Name"] for s in aws("list-schedules", "--group-name", "cli")["Schedules"]] == ["nightly"]

    aws("update-schedule", *named, "--schedule-expression", at(in_seconds(5)), "--flexible-time-window", "Mode=OFF",
        "--target", target)
    assert first_event(cloud, "cli") == {"from": "the cli"}
    assert "Description" not in aws("get-schedule", *named)

    aws("delete-schedule", *named)
    assert "ResourceNotFoundException" in aws("get-schedule", *named, code=255)
    aws("delete-schedule-group", "--name", "cli")
    wait_until(lambda: "cli" not in [g["Name"] for g in aws("list-schedule-groups")["ScheduleGroups"]],
               "the group to be deleted")


def test_the_aws_sdk_for_javascript_does_all_of_it(module_cloud):
    function = create_function(module_cloud, "js", LOGS_EVENTS)
    role = create_role(module_cloud, "js-timer", may_invoke(function))
    done = subprocess.run(["node", str(ROOT / "tests/e2e/js/scheduler.mjs"), function, role],
                          env=module_cloud.aws_environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "schedule": {"state": "ENABLED", "window": "OFF", "date": True, "start": "2199-01-01T00:00:00.000Z",
                     "input": "{\"from\":\"js\"}", "retries": 5},
        "names": ["js"],
        "tags": {"purpose": "test"},
        "again": "ConflictException: Schedule js already exists.",
        "mistake": "ValidationException",
        "afterwards": ["ResourceNotFoundException", "ResourceNotFoundException"],
    }
    assert first_event(module_cloud, "js") == {"from": "js"}
    module_cloud.client("scheduler").delete_schedule(Name="js-now")
