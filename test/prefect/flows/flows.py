"""The flows that the journeys run, on every release of Prefect that they use."""

import os
import time
from pathlib import Path

from prefect import flow, get_run_logger, suspend_flow_run, tags, task
from prefect.runtime import flow_run


@flow(persist_result=True)
def greet(name: str = "world") -> str:
    get_run_logger().info("about to greet %s", name)
    return f"hello {name}"


@flow
def fail():
    raise ValueError("no luck today")


@flow(retries=2, retry_delay_seconds=1)
def flaky():
    """Completes on its third try."""
    if flow_run.run_count < 3:
        raise ValueError(f"try {flow_run.run_count} failed")


@flow
def hold(ledger: str, seconds: float = 120):
    """Logs its process, and keeps running."""
    Path(ledger).write_text(str(os.getpid()))
    time.sleep(seconds)


@flow(persist_result=True)
def wait_for_go() -> str:
    """Suspends until it is resumed."""
    suspend_flow_run(timeout=600)
    return "gone on"


@flow
def note(ledger: str, seconds: float = 0):
    """Records when it starts and ends; one line is one write, so that lines of different runs do not mix."""
    write(ledger, "start")
    time.sleep(seconds)
    write(ledger, "end")


def write(ledger: str, word: str):
    with open(ledger, "a") as file:
        file.write(f"{word} {flow_run.id} {time.time()}\n")


@task
def double(number: int) -> int:
    return 2 * number


@task(tags=["database"])
def query(number: int) -> int:
    return number + 1


@flow
def inner(number: int) -> int:
    return double(number)


@flow
def outer(number: int = 1) -> int:
    with tags("nightly"):
        found = query.submit(number).result()
    return inner(found)


@flow
def tell(path, number, ratio, zero, items):
    """Writes down what it was given, as Python shows it."""
    Path(path).write_text(repr([number, ratio, zero, items]))
