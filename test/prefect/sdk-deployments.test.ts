import { beforeAll, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { RELEASES, type Release } from './support/environments.ts'
import { endedRun, launch, messages, readRun } from './support/flow-runs.ts'
import { journeys } from './support/journey.ts'

const FLOWS = `from prefect import flow, get_run_logger
@flow
def greet(name: str = "world"):
    get_run_logger().info("hello %s", name)
    return name
`
const DEPLOY = `from flows import greet
made = greet.deploy(name="pushed", work_pool_name="push", image="registry.example/greet:1", build=False, push=False,
    cron="0 4 * * *", tags=["one"], parameters={"name": "image"}, job_variables={"cpu": 512})
print("MADE", made)
`
const FROM_SOURCE = `import os
from prefect import flow
loaded = flow.from_source(source=os.getcwd(), entrypoint="flows.py:greet")
print("MADE", loaded.deploy(name="local", work_pool_name="host", work_queue_name="fast", description="from a folder"))
`
const SERVE = `from flows import greet
if __name__ == "__main__":
    greet.serve(name="served", interval=86400, pause_on_shutdown=True)
`
/** Waits for a run, times out on one that never starts, does not wait, and creates the same one twice. */
const RUN = `import asyncio, json
from prefect import flow
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
async def run(name, **more):
    made = await run_deployment(name, **more)
    return [str(made.id), made.state.type.value]
@flow
async def parent():
    return await run("greet/served", timeout=120, poll_interval=1, parameters={"name": "child"}, tags=["t"])
async def main():
    told = {
        "waited": await run("greet/served", timeout=120, poll_interval=1, parameters={"name": "waited"}),
        "gave up": await run("greet/local", timeout=2, poll_interval=1),
        "did not wait": await run("greet/local", timeout=0),
        "once": await run("greet/local", timeout=0, idempotency_key="k"),
        "twice": await run("greet/local", timeout=0, idempotency_key="k"),
        "child": await parent(),
    }
    try:
        await run("greet/none", timeout=0)
    except ObjectNotFound:
        told["none"] = "not found"
    print("TOLD", json.dumps(told))
asyncio.run(main())
`
const SERVED_MS = 120_000

for (const release of Object.keys(RELEASES) as Release[]) {
  journeys('flows deployed, served and run from Python', release, (journey) => {
    const deployment = (name: string) => journey().call('GET', `/deployments/name/greet/${name}`)
    const python = async (script: string) => {
      const { status, output } = await journey().python(script)
      if (status !== 0) throw new Error(output)
      return output
    }

    beforeAll(async () => {
      journey().write('flows.py', FLOWS)
      await journey().call('POST', '/work_pools/', { name: 'push', type: 'ecs:push' })
      await journey().call('POST', '/work_pools/', { name: 'host', type: 'process' })
    })

    it('flow.deploy names the image that a push pool runs', async () => {
      expect(await python(DEPLOY)).toContain(`MADE ${(await deployment('pushed')).id}`)
      expect(await deployment('pushed')).toMatchObject({
        work_pool_name: 'push',
        work_queue_name: 'default',
        job_variables: { image: 'registry.example/greet:1', cpu: 512 },
        parameters: { name: 'image' },
        tags: ['one'],
        schedules: [{ active: true, schedule: { cron: '0 4 * * *' } }],
        status: 'READY',
      })
    })

    it('flow.from_source deploys code from a folder, repeatedly', async () => {
      expect(await python(FROM_SOURCE)).toContain(`MADE ${(await deployment('local')).id}`)
      const first = await deployment('local')
      expect(first).toMatchObject({ work_queue_name: 'fast', description: 'from a folder', status: 'NOT_READY' })
      expect(await python(FROM_SOURCE.replace('from a folder', 'anew'))).toContain(`MADE ${first.id}`)
      expect(await deployment('local')).toMatchObject({ description: 'anew', created: first.created })
    })

    it('flow.serve runs what run_deployment creates and awaits, and pauses the deployment on exit', async () => {
      const server = journey().startPython(SERVE)
      await server.printed('is being served', SERVED_MS)
      expect(await deployment('served')).toMatchObject({
        paused: false,
        work_pool_name: null,
        schedules: [{ active: true, schedule: { interval: 86_400 } }],
      })
      const runId = await launch(journey(), await deployment('served'), { parameters: { name: 'Ada' } })
      expect((await endedRun(journey(), runId)).state).toMatchObject({ type: 'COMPLETED' })
      expect(await deployment('served')).toMatchObject({ status: 'READY' })

      // Its process sends them when it ends, after the state.
      await until('the log lines are there', async () => (await messages(journey(), runId)).includes('hello Ada'))

      const told = JSON.parse(/TOLD (.*)/.exec(await python(RUN))?.[1] ?? '')
      expect(told.waited[1]).toBe('COMPLETED')
      expect(await readRun(journey(), told.waited[0])).toMatchObject({ parameters: { name: 'waited' } })
      expect(told).toMatchObject({ 'gave up': [expect.any(String), 'SCHEDULED'], none: 'not found' })
      expect(told['did not wait'][1]).toBe('SCHEDULED')
      expect(told.twice).toEqual(told.once)
      const child = await readRun(journey(), told.child[0])
      expect(child).toMatchObject({ state_type: 'COMPLETED', tags: ['t'] })
      expect(child.parent_task_run_id).not.toBeNull()

      await server.stop()
      expect(await deployment('served')).toMatchObject({ paused: true })
    })
  })
}
