"""The life cycle of tasks.

Without Docker, MiniStack reports a task as running at once, and nothing more: only StopTask stops it, there are no
events, and a repeated client token starts a second one. Here a task begins in PROVISIONING as on AWS, a token starts one
task, every change is an event on the default bus, and SubmitTaskStateChange, with which on AWS the container agent
reports, advances a task. So a test can act as that agent.
"""

import json

from ministack.core.responses import get_account_id, get_region, json_response
from ministack.services import ecs, eventbridge

tokens = {}


def add():
    actions = ecs._ACTION_MAP
    run_task, stop_task = actions["RunTask"], actions["StopTask"]
    actions["RunTask"] = lambda data: run(run_task, data)
    actions["StopTask"] = lambda data: stop(stop_task, data)
    actions["SubmitTaskStateChange"] = submit


def run(run_task, data):
    key = (get_account_id(), get_region(), data.get("clientToken"))
    if key[2] and key in tokens:
        return started(tokens[key])
    status, headers, body = run_task(data)
    if status != 200:
        return status, headers, body
    arns = [task["taskArn"] for task in json.loads(body)["tasks"]]
    for arn in arns:
        task = ecs._tasks[arn]
        task.update(lastStatus="PROVISIONING", startedAt=None, pullStartedAt=None, pullStoppedAt=None)
        for container in task["containers"]:
            container.update(lastStatus="PENDING", runtimeId=None)
        tell(task)
    tokens[key] = arns
    return started(arns)


def started(arns):
    return json_response({"tasks": [ecs._sanitize(ecs._tasks[arn]) for arn in arns], "failures": []})


def stop(stop_task, data):
    response = stop_task(data)
    if response[0] == 200:
        tell(ecs._tasks[json.loads(response[2])["task"]["taskArn"]])
    return response


def submit(data):
    task = ecs._tasks[data["task"]]
    if data["status"] == "RUNNING":
        ecs._mark_task_running(task["taskArn"], task)
        for container in task["containers"]:
            container["lastStatus"] = "RUNNING"
    if data["status"] == "STOPPED":
        codes = {each["containerName"]: each.get("exitCode") for each in data.get("containers", [])}
        for container in task["containers"]:
            container["exitCode"] = codes.get(container["name"])
        reason = data.get("reason", "Essential container in task exited")
        ecs._mark_task_stopped(task["taskArn"], task, reason, "EssentialContainerExited")
    tell(task)
    return json_response({"acknowledgment": "ACCEPT"})


def tell(task):
    """On AWS only ECS can put such an event: PutEvents rejects sources that begin with `aws.`."""
    event = {
        "Source": "aws.ecs",
        "DetailType": "ECS Task State Change",
        "Resources": [task["taskArn"]],
        "Detail": json.dumps(ecs._sanitize(task)),
    }
    eventbridge._put_events({"Entries": [event]}, allow_aws_source=True)
