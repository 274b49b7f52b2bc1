"""
Calls the methods of this release's two clients, first the one with async methods and then the other, in a scenario that
creates, reads, updates and deletes one of everything. Prints which methods were never called, and every response of 400
or more: {"async": {"uncalled": [...], "refused": [[404, "GET", "/api/..."]]}, "sync": ...}.
"""

import asyncio
import datetime
import inspect
import json
import uuid

import prefect.exceptions
from prefect import flow, get_client, task
from prefect.client.orchestration import get_client as client_for
from prefect.client.schemas.actions import DeploymentUpdate, LogCreate, WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import FlowFilter, FlowFilterName, LogFilter, LogFilterFlowRunId, TaskRunFilter
from prefect.client.schemas.objects import FlowRunPolicy
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.states import Cancelled, Completed, Paused, Pending, Running, Scheduled

SOON = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)


@flow
def etl(name: str = "world"):
    pass


@task(tags=["t"])
def load():
    pass


class Caller:
    """Calls a client of either kind as if its methods were async, and records which were called."""

    def __init__(self, client):
        self.client = client
        self.called = set()
        self.refused = []
        inner = client._client
        hook = self.note_async if inspect.iscoroutinefunction(inner.request) else self.note
        inner.event_hooks = {"request": [], "response": [hook]}

    def note(self, response):
        if response.status_code >= 400:
            self.refused.append([response.status_code, response.request.method, response.request.url.path])

    async def note_async(self, response):
        self.note(response)

    def has(self, name):
        return hasattr(self.client, name)

    def __getattr__(self, name):
        method = getattr(self.client, name)
        self.called.add(name)

        async def call(*args, **kwargs):
            result = method(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        return call

    def uncalled(self):
        names = (name for name, _ in inspect.getmembers(type(self.client), inspect.isfunction))
        return sorted(name for name in names if not name.startswith("_") and name not in self.called)


async def raises(error, awaitable):
    try:
        await awaitable
    except error:
        return
    raise AssertionError(f"{error.__name__} was expected")


async def tell(client, kind):
    """The scenario. Names carry the kind of client, so that both can run against one service."""
    missing = uuid.uuid4()
    assert await client.api_healthcheck() is None
    assert (await client.hello()).status_code == 200
    assert (await client.api_version()).startswith("3.")
    await client.raise_for_api_version_mismatch()
    await client.raise_for_api_version_mismatch_once()
    if client.has("read_server_default_result_storage"):
        assert (await client.read_server_default_result_storage()).default_result_storage_block_id is None

    pool = f"pool-{kind}"
    made = await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    assert made.name == pool and made.default_queue_id
    await raises(prefect.exceptions.ObjectAlreadyExists, client.create_work_pool(WorkPoolCreate(name=pool)))
    await client.create_work_pool(WorkPoolCreate(name=pool, type="process", description="anew"), overwrite=True)
    await client.update_work_pool(pool, WorkPoolUpdate(concurrency_limit=5))
    assert (await client.read_work_pool(pool)).concurrency_limit == 5
    await raises(prefect.exceptions.ObjectNotFound, client.read_work_pool("none"))
    assert pool in [each.name for each in await client.read_work_pools()]
    await client.send_worker_heartbeat(pool, "worker", heartbeat_interval_seconds=30)
    assert [each.name for each in await client.read_workers_for_work_pool(pool)] == ["worker"]
    if client.has("create_work_queue"):
        await queues(client, pool, missing)

    flow_id = await client.create_flow(etl)
    assert flow_id == await client.create_flow_from_name("etl")
    assert (await client.read_flow(flow_id)).name == "etl"
    assert (await client.read_flow_by_name("etl")).id == flow_id
    named = FlowFilter(name=FlowFilterName(any_=["etl"]))
    assert [each.id for each in await client.read_flows(flow_filter=named)] == [flow_id]

    deployment_id = await deployments(client, kind, pool, flow_id, missing)
    await runs(client, kind, pool, flow_id, deployment_id, missing)

    await client.delete_deployment(deployment_id)
    await raises(prefect.exceptions.ObjectNotFound, client.delete_deployment(deployment_id))
    await client.delete_work_pool(pool)
    await raises(prefect.exceptions.ObjectNotFound, client.delete_work_pool(pool))
    spare = await client.create_flow_from_name(f"spare-{kind}")
    await client.delete_flow(spare)
    await raises(prefect.exceptions.ObjectNotFound, client.delete_flow(spare))


async def queues(client, pool, missing):
    queue = await client.create_work_queue(name="fast", work_pool_name=pool, priority=1, concurrency_limit=3)
    await raises(prefect.exceptions.ObjectAlreadyExists, client.create_work_queue(name="fast", work_pool_name=pool))
    assert (await client.read_work_queue(queue.id)).priority == 1
    assert (await client.read_work_queue_by_name("fast", work_pool_name=pool)).id == queue.id
    await client.update_work_queue(queue.id, is_paused=True, concurrency_limit=None)
    assert (await client.read_work_queue(queue.id)).status.value == "PAUSED"
    assert not (await client.read_work_queue_status(queue.id)).healthy
    assert await client.get_runs_in_work_queue(queue.id) == []
    assert [each.id for each in await client.match_work_queues(["FA"], work_pool_name=pool)] == [queue.id]
    assert {each.name for each in await client.read_work_queues(work_pool_name=pool)} == {"default", "fast"}
    if client.has("read_work_queue_concurrency_status"):
        assert (await client.read_work_queue_concurrency_status(queue.id)).active_slots == 0
    await client.delete_work_queue_by_id(queue.id)
    await raises(prefect.exceptions.ObjectNotFound, client.read_work_queue(missing))
    assert "prefect" in await client.read_worker_metadata()


async def deployments(client, kind, pool, flow_id, missing):
    one = {"flow_id": flow_id, "name": kind, "work_pool_name": pool, "parameters": {"name": "a"}, "tags": ["d"]}
    deployment_id = await client.create_deployment(**one)
    assert deployment_id == await client.create_deployment(**{**one, "tags": ["d", "e"]})
    assert (await client.read_deployment(deployment_id)).tags == ["d", "e"]
    assert (await client.read_deployment_by_name(f"etl/{kind}")).id == deployment_id
    await raises(prefect.exceptions.ObjectNotFound, client.read_deployment(missing))
    await raises(prefect.exceptions.ObjectNotFound, client.read_deployment_by_name("etl/none"))
    assert deployment_id in [each.id for each in await client.read_deployments()]
    await client.update_deployment(deployment_id, DeploymentUpdate(description="told"))
    assert (await client.read_deployment(deployment_id)).description == "told"
    pause = client.pause_deployment if client.has("pause_deployment") else None
    if pause:
        await pause(deployment_id)
        assert (await client.read_deployment(deployment_id)).paused
        await client.resume_deployment(deployment_id)
    await client.set_deployment_paused_state(deployment_id, True)
    await client.set_deployment_paused_state(deployment_id, False)
    assert not (await client.read_deployment(deployment_id)).paused

    daily = (CronSchedule(cron="0 4 * * *", timezone="Europe/Berlin"), True)
    hourly = (IntervalSchedule(interval=datetime.timedelta(hours=1)), False)
    made = await client.create_deployment_schedules(deployment_id, [daily, hourly])
    assert [each.active for each in made] == [True, False]
    await client.update_deployment_schedule(deployment_id, made[0].id, active=False, schedule=hourly[0])
    listed = {each.id: each for each in await client.read_deployment_schedules(deployment_id)}
    assert not listed[made[0].id].active and listed[made[0].id].schedule.interval == hourly[0].interval
    for each in made:
        await client.delete_deployment_schedule(deployment_id, each.id)
    assert await client.read_deployment_schedules(deployment_id) == []
    return deployment_id


async def runs(client, kind, pool, flow_id, deployment_id, missing):
    first = await client.create_flow_run_from_deployment(deployment_id, idempotency_key=kind, tags=["r"])
    assert first.state.is_scheduled() and first.parameters == {"name": "a"}
    assert (await client.create_flow_run_from_deployment(deployment_id, idempotency_key=kind)).id == first.id
    waiting = await client.get_scheduled_flow_runs_for_work_pool(pool, scheduled_before=SOON)
    assert [each.flow_run.id for each in waiting] == [first.id]
    served = await client.create_deployment(flow_id=flow_id, name=f"served-{kind}")
    run = await client.create_flow_run_from_deployment(served)
    waiting = await client.get_scheduled_flow_runs_for_deployments([served], scheduled_before=SOON)
    assert [each.id for each in waiting] == [run.id]

    await client.update_flow_run(first.id, flow_version="7", empirical_policy=FlowRunPolicy(retries=2))
    await client.set_flow_run_name(first.id, f"named-{kind}")
    await client.update_flow_run_labels(first.id, {"team": "data"})
    read = await client.read_flow_run(first.id)
    assert (read.name, read.flow_version, read.empirical_policy.retries) == (f"named-{kind}", "7", 2)
    assert read.labels["team"] == "data"
    assert (await client.set_flow_run_state(first.id, Pending())).status.value == "ACCEPT"
    assert (await client.set_flow_run_state(first.id, Pending())).status.value == "ABORT"
    if client.has("read_work_pool_concurrency_status"):
        assert (await client.read_work_pool_concurrency_status(pool)).active_slots == 1
    await client.set_flow_run_state(first.id, Running())
    await client.set_flow_run_state(first.id, Paused(timeout_seconds=60))
    assert (await client.resume_flow_run(first.id)).status.value == "ACCEPT"
    await client.set_flow_run_state(first.id, Completed())
    states = await client.read_flow_run_states(first.id)
    names = [each.name for each in states]
    assert names == ["Scheduled", "Pending", "Running", "Paused", "Running", "Completed"], names
    if client.has("read_flow_run_state"):
        assert (await client.read_flow_run_state(states[-1].id)).is_completed()

    log = LogCreate(name="n", level=20, message="line", timestamp=SOON, flow_run_id=first.id)
    await client.create_logs([log])
    of_run = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[first.id]))
    assert [each.message for each in await client.read_logs(of_run)] == ["line"]
    await client.create_flow_run_input(first.id, "key", '"value"')
    assert await client.read_flow_run_input(first.id, "key") == '"value"'
    found = await client.filter_flow_run_input(first.id, key_prefix="k", limit=1, exclude_keys=set())
    assert [each.key for each in found] == ["key"]
    await client.delete_flow_run_input(first.id, "key")

    second = await client.create_flow_run(etl, name="alone", state=Scheduled(), work_pool_name=pool)
    assert second.id in [each.id for each in await client.read_flow_runs()]
    if client.has("count_flow_runs"):
        assert await client.count_flow_runs() >= 2
    if client.has("create_task_run"):
        await tasks(client, second)
    await client.set_flow_run_state(second.id, Cancelled(), force=True)
    for each in (first, second):
        await client.delete_flow_run(each.id)
        await raises(prefect.exceptions.ObjectNotFound, client.read_flow_run(each.id))
    await raises(prefect.exceptions.ObjectNotFound, client.set_flow_run_state(missing, Pending()))


async def tasks(client, run):
    """The tasks of a run, which must be running for them to start."""
    for state in (Pending(), Running()):
        await client.set_flow_run_state(run.id, state)
    made = await client.create_task_run(load, flow_run_id=run.id, dynamic_key="0", state=Pending())
    await client.set_task_run_name(made.id, "loaded")
    await client.set_task_run_state(made.id, Running())
    assert (await client.read_task_run(made.id)).state.is_running()
    assert [each.name for each in await client.read_task_run_states(made.id)] == ["Pending", "Running"]
    of_run = TaskRunFilter(flow_run_id={"any_": [run.id]})
    assert [each.id for each in await client.read_task_runs(task_run_filter=of_run)] == [made.id]
    await client.delete_task_run(made.id)


async def main():
    told = {}
    async with get_client() as client:
        told["async"] = caller = Caller(client)
        await tell(caller, "async")
    with client_for(sync_client=True) as client:
        told["sync"] = caller = Caller(client)
        await tell(caller, "sync")
    print(json.dumps({kind: {"uncalled": each.uncalled(), "refused": each.refused} for kind, each in told.items()}))


if __name__ == "__main__":
    asyncio.run(main())
