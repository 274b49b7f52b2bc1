"""Permissions for ECS as AWS evaluates them.

MiniStack checks every permission against the cluster. On AWS, RunTask is a permission for a task definition, StopTask and
DescribeTasks are permissions for tasks, and the cluster is a condition. Registering or running a definition with roles
requires the permission to pass them to ECS, and tagging a task as it starts the permission to tag.
"""

import json

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import ecs

# A context key that no policy can name: further checks of a request.
ALSO = "also"


def correct():
    extract, context, enforce = iam_actions.extract_resource_arn, iam_actions.request_tag_context, iam_evaluator.enforce

    def resource_of(service, method, path, headers, body, *rest):
        return resource(json.loads(body)) if service == "ecs" else extract(service, method, path, headers, body, *rest)

    def context_of(service, action, body, parameters):
        own = context(service, action, body, parameters)
        return {**own, **conditions(action, json.loads(body))} if service == "ecs" else own

    def enforce_all(access_key, action, service, region, resource_arn="*", service_context=None):
        keys = dict(service_context or {})
        checks = [(action, resource_arn, keys), *keys.pop(ALSO, [])]
        denials = (enforce(access_key, each, service, region, arn, its_keys) for each, arn, its_keys in checks)
        return next((denied for denied in denials if denied), None)

    iam_actions.extract_resource_arn = resource_of
    iam_actions.request_tag_context = context_of
    iam_evaluator.enforce = enforce_all


def resource(request):
    return request.get("taskDefinition") or request.get("task") or next(iter(request.get("tasks", [])), "*")


def conditions(action, request):
    cluster = {"ecs:cluster": request["cluster"]} if "cluster" in request else {}
    return {**cluster, ALSO: [*passed_roles(action, request), *tagging(action, request)]}


def passed_roles(action, request):
    definition = {}
    if action == "ecs:RegisterTaskDefinition":
        definition = request
    if action == "ecs:RunTask":
        definition = ecs._task_defs.get(ecs._resolve_td_key(request["taskDefinition"])) or {}
    roles = [definition.get("taskRoleArn"), definition.get("executionRoleArn")]
    return [("iam:PassRole", role, {"iam:PassedToService": "ecs-tasks.amazonaws.com"}) for role in roles if role]


def tagging(action, request):
    if action != "ecs:RunTask" or not request.get("tags"):
        return []
    cluster = ecs._resolve_cluster_name(request["cluster"])
    tasks = f"arn:aws:ecs:{get_region()}:{get_account_id()}:task/{cluster}/*"
    return [("ecs:TagResource", tasks, {"ecs:CreateAction": "RunTask"})]
