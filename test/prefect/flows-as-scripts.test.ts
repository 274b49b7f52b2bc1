import { expect, it } from 'vitest'
import { RELEASES, type Release } from './support/environments.ts'
import { journeys } from './support/journey.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- journeys assert on JSON
type Json = any

/** A flow that fails at first because its subflow does, with a task that takes three tries. */
const ETL = `from prefect import flow, task
tries = {"flaky": 0, "child": 0}
@task(retries=2, retry_delay_seconds=0, tags=["db"])
def flaky():
    tries["flaky"] += 1
    if tries["flaky"] < 3:
        raise ValueError("not yet")
    return tries["flaky"]
@task
def add(x, y):
    return x + y
@flow
def child(n: int):
    tries["child"] += 1
    if tries["child"] == 1:
        raise ValueError("child fails once")
    return add(n, 10)
@flow(retries=1)
def parent():
    a = flaky()
    b = add.submit(a, 1)
    return child(b.result())
if __name__ == "__main__":
    print("RESULT", parent())
`

for (const release of Object.keys(RELEASES) as Release[]) {
  journeys('a flow as a plain script', release, (journey) => {
    const filter = (path: string, body: Json = {}): Promise<Json[]> => journey().call('POST', `${path}/filter`, body)

    it('runs its tasks and its subflow, and all of them again on a retry', async () => {
      const { output } = await journey().python(ETL)
      expect(output).toMatch(/RESULT 1[45]/)
      const [parent] = await filter('/flow_runs', { flow_runs: { parent_task_run_id: { is_null_: true } } })
      expect(parent).toMatchObject({ state_type: 'COMPLETED', run_count: 2 })

      const flow_runs = { parent_flow_run_id: { any_: [parent.id] } }
      const children = await filter('/flow_runs', { flow_runs, sort: 'EXPECTED_START_TIME_ASC' })
      expect(children.map(({ state_type }) => state_type)).toEqual(['FAILED', 'COMPLETED'])

      const tasks = await filter('/task_runs', { flow_runs: { id: { any_: [parent.id] } } })
      const tracking = tasks.find(({ id }) => id === children[0].parent_task_run_id)
      expect(tracking).toMatchObject({
        state_type: 'COMPLETED',
        state: { state_details: { child_flow_run_id: children[1].id } },
      })
      // Prefect 3 reports its own task runs only by events.
      const told = release === 'two' ? ['add-0 COMPLETED', 'flaky-0 COMPLETED'] : []
      const others = tasks.filter(({ id }) => id !== tracking.id)
      expect(new Set(others.map(({ name, state_type }) => `${name} ${state_type}`))).toEqual(new Set(told))
      expect(journey().faults()).toEqual([])
    })

    it('is listed with its task runs', async () => {
      const listed = await journey().cli('task-run', 'ls')
      expect(listed).toMatch(/COMPLETED/)
      expect(await journey().cli('flow-run', 'ls')).toMatch(/parent/)
    })
  })
}
