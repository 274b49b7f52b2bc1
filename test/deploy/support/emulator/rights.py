"""Permissions as AWS evaluates them, where MiniStack's AUTH=true differs, after the Service Authorization Reference."""

from ministack import app
from ministack.core import iam_actions


def correct():
    over_tls()
    batches()


def over_tls():
    """Queues and buckets reject requests without TLS. Requests on loopback count as having it."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, _secure: pin(source_ip, True)


def batches():
    """SQS has no permissions for batches: sqs:SendMessage covers SendMessageBatch."""
    extract = iam_actions.extract_iam_action

    def action_of(service, *request):
        action = extract(service, *request)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    iam_actions.extract_iam_action = action_of
