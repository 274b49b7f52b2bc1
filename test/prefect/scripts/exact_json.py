"""Sends random JSON to every place that keeps some, and compares what Python reads back, types included."""

import json
import os
import random
import urllib.request
from uuid import uuid4

API = os.environ["PREFECT_API_URL"]
SEED = int(os.environ.get("SEED") or random.randrange(2**32))
ROUNDS = 25

NUMBERS = "0 -0 0.0 -0.0 1.0 2.50 1e400 -1e400 1E2 1e-7 9007199254740993 1234567890123456789".split()
NAMES = ["__proto__", "constructor", "a b", "é", "😀", "", "7"]

chance = random.Random(SEED)


def number() -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return chance.choice(NUMBERS)
    if kind == 1:
        return str(chance.randint(-(10 ** chance.randint(1, 60)), 10 ** chance.randint(1, 60)))
    if kind == 2:
        return repr(chance.uniform(-1, 1) * 10.0 ** chance.randint(-20, 20))
    return f"{chance.randint(-99, 99)}.{chance.randrange(10**6):06}e{chance.randint(-30, 30)}"


def value(depth: int = 3) -> str:
    kind = chance.randrange(8 if depth else 5)
    if kind < 4:
        return number()
    if kind == 4:
        return chance.choice(["true", "false", "null", '"text"', '"1.0"', json.dumps("Grüße 😀 \x00")])
    if kind == 5:
        return "[" + ",".join(value(depth - 1) for _ in range(chance.randrange(4))) + "]"
    return mapping(depth - 1)


def mapping(depth: int = 3) -> str:
    names = chance.sample(NAMES, chance.randrange(1, 4))
    return "{" + ", ".join(f"{json.dumps(name)}: {value(depth)}" for name in names) + "}"


def same(a, b) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return repr(a) == repr(b)


def call(method: str, path: str, body: str | None = None):
    data = None if body is None else body.encode()
    request = urllib.request.Request(API + path, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def body(**members: str) -> str:
    return "{" + ",".join(f'"{name}":{text}' for name, text in members.items()) + "}"


def name() -> str:
    return json.dumps(str(uuid4()))


def flow(labels: str = "{}") -> dict:
    return call("POST", "/flows/", body(name=name(), labels=labels))


def deployment(**members: str) -> dict:
    made = call("POST", "/deployments/", body(name=name(), flow_id=json.dumps(flow()["id"]), **members))
    return call("GET", f"/deployments/{made['id']}")


def deployment_update(member: str, text: str) -> dict:
    made = deployment()
    call("PATCH", f"/deployments/{made['id']}", body(**{member: text}))
    return call("GET", f"/deployments/{made['id']}")


def flow_run(**members: str) -> dict:
    made = call("POST", f"/deployments/{deployment()['id']}/create_flow_run", body(**members))
    return call("POST", "/flow_runs/filter", body(flow_runs=body(id=body(any_=json.dumps([made["id"]])))))[0]


def flow_run_labels(text: str) -> dict:
    made = flow_run()
    call("PATCH", f"/flow_runs/{made['id']}/labels", text)
    return call("GET", f"/flow_runs/{made['id']}")["labels"]


def schedule(text: str) -> dict:
    schedules = "[" + body(schedule='{"interval": 3600.0}', active="false", parameters=text) + "]"
    return deployment(schedules=schedules)["schedules"][0]["parameters"]


def variable(text: str):
    return call("POST", "/variables/", body(name=name(), value=text))["value"]


def artifact(text: str):
    made = call("POST", "/artifacts/", body(data=text))
    return call("GET", f"/artifacts/{made['id']}")["data"]


def pool(text: str):
    template = body(job_configuration="{}", variables=body(properties=body(x=body(default=text))))
    made = call("POST", "/work_pools/", body(name=name(), type='"process"', base_job_template=template))
    return call("GET", f"/work_pools/{made['name']}")["base_job_template"]["variables"]["properties"]["x"]["default"]


def block(text: str):
    kind = json.dumps(call("POST", "/block_types/", body(name=name(), slug=name()))["id"])
    schema = call("POST", "/block_schemas/", body(block_type_id=kind, fields=body(title=name(), x=text)))
    of_schema = {"block_type_id": kind, "block_schema_id": json.dumps(schema["id"])}
    made = call("POST", "/block_documents/", body(name=name(), data=body(x=text), **of_schema))
    read = call("GET", f"/block_documents/{made['id']}")
    return [read["data"]["x"], read["block_schema"]["fields"]["x"]]


def state(text: str):
    made = call("POST", "/flow_runs/", body(flow_id=json.dumps(flow()["id"]), state='{"type": "RUNNING"}'))
    call("POST", f"/flow_runs/{made['id']}/set_state", body(state=body(type='"COMPLETED"', data=text)))
    return call("GET", f"/flow_runs/{made['id']}")["state"]["data"]


def task_inputs(text: str) -> dict:
    run = call("POST", "/flow_runs/", body(flow_id=json.dumps(flow()["id"]), state='{"type": "RUNNING"}'))
    keys = {"flow_run_id": json.dumps(run["id"]), "task_key": '"k"', "dynamic_key": '"0"'}
    made = call("POST", "/task_runs/", body(task_inputs=text, **keys))
    return call("GET", f"/task_runs/{made['id']}")["task_inputs"]


MAPPINGS = {
    "flow labels": lambda text: flow(text)["labels"],
    "deployment parameters": lambda text: deployment(parameters=text)["parameters"],
    "deployment parameters, changed": lambda text: deployment_update("parameters", text)["parameters"],
    "deployment job variables": lambda text: deployment(job_variables=text)["job_variables"],
    "deployment labels": lambda text: deployment(labels=text)["labels"],
    "parameter schema": lambda text: deployment(parameter_openapi_schema=body(default=text))["parameter_openapi_schema"]["default"],
    "schedule parameters": schedule,
    "run parameters": lambda text: flow_run(parameters=text)["parameters"],
    "run context": lambda text: flow_run(context=text)["context"],
    "run job variables": lambda text: flow_run(job_variables=text)["job_variables"],
    "run labels": flow_run_labels,
    "task inputs": task_inputs,
}
VALUES = {"variable": variable, "artifact": artifact, "job template": pool, "state data": state}

found = {"seed": SEED, "tried": 0, "changed": []}


def attempt(place: str, text: str, read) -> None:
    found["tried"] += 1
    if not same(json.loads(text), read):
        found["changed"].append([place, text, repr(read)])


for _ in range(ROUNDS):
    for place, keep in MAPPINGS.items():
        text = mapping()
        attempt(place, text, keep(text))
    for place, keep in VALUES.items():
        text = value()
        attempt(place, text, keep(text))
    text = value()
    attempt("block", f"[{text}, {text}]", block(text))

print("FOUND" + json.dumps(found))
