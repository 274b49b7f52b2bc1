import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { endedRun, launch } from './support/flow-runs.ts'
import { journeys } from './support/journey.ts'

const FLOWS = join(import.meta.dirname, 'flows', 'flows.py')
const PAIRS = [
  { deployer: 'newest', worker: 'floor' },
  { deployer: 'floor', worker: 'newest' },
] as const

for (const { deployer, worker } of PAIRS) {
  journeys(`what one release deploys, a worker of ${worker} runs`, deployer, (journey) => {
    it('with nothing worse than a warning', async () => {
      journey().write('flows.py', readFileSync(FLOWS, 'utf8'))
      await journey().call('POST', '/work_pools/', { name: 'hosts', type: 'process' })
      const { status, output } = await journey().python(DEPLOY)
      expect(output).not.toContain('Traceback')
      expect(status).toBe(0)
      const args = ['worker', 'start', '--pool', 'hosts', '--type', 'process']
      const env = { PREFECT_WORKER_QUERY_SECONDS: '1', PYTHONUNBUFFERED: '1' }
      const host = journey().start(args, { env, release: worker })
      const runId = await launch(journey(), await journey().call('GET', '/deployments/name/greet/carried'))
      expect(await endedRun(journey(), runId)).toMatchObject({ state_type: 'COMPLETED' })
      await host.printed('about to greet world')
      expect(host.output()).not.toMatch(/Traceback|CRITICAL/)
    })
  })
}

const DEPLOY = `
from pathlib import Path
from prefect import flow

if __name__ == "__main__":
    here = str(Path(__file__).parent)
    flow.from_source(source=here, entrypoint="flows.py:greet").deploy("carried", work_pool_name="hosts")
`
