"""Rights as AWS reads them, where MiniStack's AUTH=true does not: what the Service Authorization Reference says."""

from ministack import app
from ministack.core import iam_actions


def correct():
    over_tls()
    batches()


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
