"""
Queries a server for flows, runs, deployments, pools, queues, logs and workers by every member of every filter that this
release's client has, one at a time, and prints what each found, by name: {"read_flows flows.name.like_": ["alpha"]}.
"""

import asyncio
import datetime
import inspect
import json
import typing
from enum import Enum
from uuid import UUID, uuid4

import prefect.client.schemas.filters as filters
from prefect import get_client
from prefect.client.schemas.actions import LogCreate, WorkPoolCreate
from prefect.exceptions import PrefectHTTPStatusError
from prefect.states import Cancelled, Completed, Failed, Pending, Running, Scheduled

NOW = datetime.datetime.now(datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)

IDS = {}
"""Ids of what was created, by name."""


async def populate(client):
    for pool in ("pool-a", "pool-b"):
        IDS[pool] = (await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))).id
    IDS["fast"] = (await client.create_work_queue(name="fast", work_pool_name="pool-a")).id
    for flow in ("alpha", "beta"):
        IDS[flow] = await client.create_flow_from_name(flow)
    await deploy(client, "alpha", "one", work_pool_name="pool-a", work_queue_name="fast", tags=["d1", "d2"])
    await deploy(client, "alpha", "two", work_pool_name="pool-a")
    await deploy(client, "beta", "three", work_pool_name="pool-b", tags=["d2"], paused=True)
    await deploy(client, "beta", "bare")
    await run(client, "one", "run-scheduled", tags=["x", "y"])
    await run(client, "one", "run-pending", Pending(), idempotency_key="key")
    await run(client, "two", "run-running", Pending(), Running(), tags=["x"])
    await run(client, "three", "run-completed", Pending(), Running(), Completed(name="Fine"))
    await run(client, "bare", "run-failed", Pending(), Running(), Failed())
    await run(client, "bare", "run-cancelled", Cancelled())
    lines = [(10, "a first line"), (30, "a second line"), (40, "something else")]
    await client.create_logs(
        [
            LogCreate(name="n", level=level, message=message, timestamp=NOW, flow_run_id=IDS["run-completed"])
            for level, message in lines
        ]
    )
    await client.send_worker_heartbeat("pool-a", "worker", heartbeat_interval_seconds=30)


async def deploy(client, flow, name, **more):
    IDS[name] = await client.create_deployment(flow_id=IDS[flow], name=name, **more)


async def run(client, deployment, name, *states, **more):
    later = Scheduled(scheduled_time=NOW + HOUR)
    made = await client.create_flow_run_from_deployment(IDS[deployment], state=later, name=name, **more)
    IDS[name] = made.id
    for state in states:
        await client.set_flow_run_state(made.id, state, force=True)


def members(model):
    """Name and type of each member of a pydantic model, of version 1 or 2."""
    if hasattr(model, "model_fields"):
        return [(name, field.annotation) for name, field in model.model_fields.items()]
    return [(name, typing.get_type_hints(model)[name]) for name in getattr(model, "__fields__", ())]


def leaves(kind, path=()):
    """Path and type of every member that a filter has."""
    for name, annotation in members(kind):
        models = [each for each in parts(annotation) if inspect.isclass(each) and members(each)]
        for model in models:
            yield from leaves(model, (*path, name))
        if not models and name != "operator":
            yield (*path, name), set(parts(annotation))


def parts(annotation):
    """The classes in a type."""
    inner = typing.get_args(annotation)
    return [part for each in inner for part in parts(each)] if inner else [annotation]


def values(path, types):
    """Values to filter by, with a name for each."""
    if bool in types:
        return [("true", True), ("false", False)]
    if UUID in types:
        return [("some", [i for name, i in sorted(IDS.items()) if len(name) % 2]), ("none", [])]
    if int in types:
        return [("1", 1), ("30", 30)]
    if any(inspect.isclass(each) and issubclass(each, datetime.datetime) for each in types):
        return [("soon", NOW + HOUR / 2), ("yesterday", NOW - DAY), ("tomorrow", NOW + DAY)]
    if any(inspect.isclass(each) and issubclass(each, Enum) for each in types):
        return [("some", ["SCHEDULED", "FAILED"]), ("none", [])]
    if path[-1] in ("like_", "query"):
        return [("a part", "A"), ("words", "line"), ("none", "zzz")]
    return [("some", WORDS.get(path[-2], WORDS["name"])), ("none", [])]


WORDS = {
    "name": ["alpha", "one", "bare", "run-failed", "pool-a", "fast", "Fine", "Running", "f", "default"],
    "tags": ["d2", "x"],
    "type": ["process"],
    "type_": ["SCHEDULE"],
    "work_queue_name": ["fast"],
    "flow_version": ["1"],
    "idempotency_key": ["key"],
    "status": ["ONLINE"],
}

CALLS = ["read_flows", "read_flow_runs", "count_flow_runs", "read_deployments", "read_work_pools"]
CALLS += ["read_work_queues", "read_logs", "read_workers_for_work_pool"]


async def ask(client):
    found = {}
    for call in CALLS:
        method = getattr(client, call, None)
        if method is None:
            continue
        for name, parameter in inspect.signature(method).parameters.items():
            kind = next((each for each in FILTERS if each.__name__ in str(parameter.annotation)), None)
            if kind is None:
                continue
            for path, types in leaves(kind):
                for word, value in values(path, types):
                    asked = value
                    for member in reversed(path):
                        asked = {member: asked}
                    if call == "read_logs" and "flow_run_id" not in asked:
                        asked["flow_run_id"] = {"any_": [IDS["run-completed"]]}
                    key = f"{call} {name} {'.'.join(path)} {word}"
                    try:
                        found[key] = await answer(method, {name: kind(**asked)})
                    except ValueError as error:
                        found[key] = f"the client's own model refuses it: {type(error).__name__}"
    return found


FILTERS = sorted(
    (each for name, each in vars(filters).items() if name.endswith("Filter")), key=lambda each: -len(each.__name__)
)


async def answer(method, arguments):
    if method.__name__ == "read_workers_for_work_pool":
        arguments["work_pool_name"] = "pool-a"
    try:
        things = await method(**arguments)
    except PrefectHTTPStatusError as error:
        return error.response.status_code
    if isinstance(things, int):
        return [f"{things} runs"]
    return sorted(getattr(thing, "message", None) or thing.name for thing in things)


async def main():
    async with get_client() as client:
        await populate(client)
        print(json.dumps(await ask(client)))


if __name__ == "__main__":
    asyncio.run(main())
