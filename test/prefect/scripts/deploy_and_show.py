"""
Runs a flow that creates artifacts, and deploys it into the push pool `push`, once with a trigger. Prints what it found as
one line of JSON after the word FOUND.
"""

import json

from prefect import flow
from prefect.artifacts import (
    Artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.events import DeploymentEventTrigger

FOUND = {}


@flow
def shows():
    create_markdown_artifact("# first", key="report")
    create_markdown_artifact("# second", key="report", description="the second")
    create_table_artifact([{"a": 1.5, "b": None}], key="table")
    progress = create_progress_artifact(0.0)
    update_progress_artifact(progress, 50.0)
    return str(progress)


def deploy(name, **more):
    settings = {"work_pool_name": "push", "image": "image:1", "build": False, "push": False, "print_next_steps": False}
    try:
        return str(shows.deploy(name, **settings, **more))
    except Exception as error:
        return str(error)


# As a module it is the entrypoint of a deployment.
if __name__ == "__main__":
    FOUND["progress"] = shows()
    report = Artifact.get("report")
    FOUND["report"] = [report.data, report.description]
    FOUND["deployed"] = deploy("plain")
    FOUND["with trigger"] = deploy("triggered", triggers=[DeploymentEventTrigger(expect={"a.b"})])
    print("FOUND" + json.dumps(FOUND))
