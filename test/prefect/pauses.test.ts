import { expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { RELEASES, type Release } from './support/environments.ts'
import { journeys } from './support/journey.ts'

/** A flow that requests a number, waits for it, and receives another one while it runs. */
const ASKING = `from prefect import flow, pause_flow_run
from prefect.input.run_input import RunInput, receive_input
class Count(RunInput):
    count: int
@flow
def asking():
    answer = pause_flow_run(wait_for_input=Count, timeout=300, poll_interval=1)
    print("COUNTED", answer.count, flush=True)
    for word in receive_input(str, timeout=60, poll_interval=1):
        return word
if __name__ == "__main__":
    print("HEARD", asking())
`
/** Prefect 2 takes its time to start. */
const START_MS = 60_000

const SENDING = (runId: string) => `import asyncio
from prefect.input.run_input import send_input
async def main():
    await send_input("hello", flow_run_id="${runId}")
asyncio.run(main())
`

for (const release of Object.keys(RELEASES) as Release[]) {
  journeys('a flow that pauses', release, (journey) => {
    const call = (method: string, path: string, body?: unknown) => journey().call(method, path, body)

    it('waits for input that matches its schema, and receives more while it runs', async () => {
      const finished = journey().python(ASKING)
      const paused = { flow_runs: { state: { type: { any_: ['PAUSED'] } } } }
      let runId = ''
      await until(
        'the flow asks',
        async () => {
          runId = (await call('POST', '/flow_runs/filter', paused))[0]?.id ?? ''
          const asked = { prefix: '', limit: 9 }
          return runId !== '' && (await call('POST', `/flow_runs/${runId}/input/filter`, asked)).length > 0
        },
        START_MS,
      )
      const resume = (run_input: object) => call('POST', `/flow_runs/${runId}/resume`, { run_input })
      expect(await resume({ count: 'many' })).toMatchObject({
        status: 'REJECT',
        details: { reason: expect.stringContaining("for field 'count'") },
      })
      expect(await resume({ count: 7 })).toMatchObject({ status: 'ACCEPT' })
      await until('the flow goes on', async () => (await call('GET', `/flow_runs/${runId}`)).state_type === 'RUNNING')
      const sent = await journey().python(SENDING(runId))
      expect(sent.status).toBe(0)
      const { output } = await finished
      expect(output).toContain('COUNTED 7')
      expect(output).toContain('HEARD hello')
      expect(await call('GET', `/flow_runs/${runId}`)).toMatchObject({ state_type: 'COMPLETED', run_count: 1 })
      expect(journey().faults()).toEqual([])
    })
  })
}
