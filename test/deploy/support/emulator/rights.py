"""Rights as AWS reads them, where MiniStack's AUTH=true does not.

Each correction is what the Service Authorization Reference says. Two checks of RunTask are still missing here, so the
policies' statements for them are only read by a person: iam:PassRole and ecs:TagResource.
"""

import json

from ministack import app
from ministack.core import iam_actions


def correct():
    over_tls()
    batches()
    ecs_resources()


def over_tls():
    """Queues and buckets refuse what does not come over TLS. What stays on loopback counts as if it did."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, _secure: pin(source_ip, True)


def batches():
    """SQS knows no rights to batches: sqs:SendMessage covers SendMessageBatch."""
    extract = iam_actions.extract_iam_action

    def action_of(service, *request):
        action = extract(service, *request)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    iam_actions.extract_iam_action = action_of


def ecs_resources():
    """RunTask is a right to a task definition, StopTask and DescribeTasks to tasks; the cluster is a condition."""
    extract, context = iam_actions.extract_resource_arn, iam_actions.request_tag_context

    def resource_of(service, method, path, headers, body, *rest):
        if service != "ecs":
            return extract(service, method, path, headers, body, *rest)
        asked = json.loads(body or b"{}")
        return asked.get("taskDefinition") or asked.get("task") or next(iter(asked.get("tasks", [])), "*")

    def context_of(service, action, body, parameters):
        cluster = json.loads(body or b"{}").get("cluster") if service == "ecs" else None
        return {**context(service, action, body, parameters), **({"ecs:cluster": cluster} if cluster else {})}

    iam_actions.extract_resource_arn = resource_of
    iam_actions.request_tag_context = context_of
