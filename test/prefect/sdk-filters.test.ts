import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Release } from './support/environments.ts'
import { type Journey, journeys, type RunOptions } from './support/journey.ts'

const SCRIPT = readFileSync(join(import.meta.dirname, 'scripts', 'every_filter.py'), 'utf8')
const ASKED_AT_LEAST = 400

/** What each filter found, by name; the status of the response; or why the client did not send it. */
type Found = Record<string, string[] | number | string>

/** Without an address the client starts a server for itself; that can take long on a busy machine. */
const A_SERVER_OF_ITS_OWN = {
  PREFECT_API_URL: '',
  PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: 'true',
  PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: '100',
  PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
}

async function ask(journey: Journey, options?: RunOptions): Promise<Found> {
  const { status, stdout, stderr } = await journey.python(SCRIPT, options)
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

/** Where pushpool differs on purpose; each case is explained in docs/compatibility.md. */
const ON_PURPOSE: Record<string, RegExp> = {
  'a run of a pool alone is shown with the queue that it waits in': / flow_run_filter work_queue_name\.is_null_ /,
  'a run that was cancelled before anybody had claimed it never started': / flow_run_filter start_time\./,
  'a Prefect server passes these over': / deployment_filter concurrency_limit\./,
  'task runs are kept by flow run, and found by their ids alone': / task_run_filter (?!id\.any_)/,
}
const isOnPurpose = (key: string) => Object.values(ON_PURPOSE).some((pattern) => pattern.test(key))

journeys('filters, one by one, beside a Prefect server', 'newest', (journey) => {
  it('find the same on both', async () => {
    const ours = await ask(journey())
    const theirs = await ask(journey(), { env: A_SERVER_OF_ITS_OWN })
    expect(Object.keys(ours).length).toBeGreaterThan(ASKED_AT_LEAST)
    const comparable = (found: Found) => Object.fromEntries(Object.entries(found).filter(([key]) => !isOnPurpose(key)))
    expect(comparable(ours)).toEqual(comparable(theirs))
    const differing = Object.keys(ON_PURPOSE).find((reason) => !differs(ours, theirs, ON_PURPOSE[reason]))
    expect(differing, 'a difference that is none any more').toBeUndefined()
  })

  it('are applied, or rejected with an error that names them', async () => {
    const deploymentFilter = { deployments: { colour: { any_: ['red'] } } }
    await expect(journey().call('POST', '/flow_runs/filter', deploymentFilter)).rejects.toThrow(
      /422 .*body\.deployments\.colour: is not a known filter/,
    )
  })
})

function differs(ours: Found, theirs: Found, pattern = /^$/): boolean {
  const keys = Object.keys(ours).filter((key) => pattern.test(key))
  return keys.some((key) => JSON.stringify(ours[key]) !== JSON.stringify(theirs[key]))
}

for (const release of ['floor', 'two'] satisfies Release[]) {
  journeys('filters, one by one', release, (journey) => {
    it('are answered, except those by task runs', async () => {
      const refused = Object.entries(await ask(journey())).filter(([, found]) => typeof found === 'number')
      expect(refused.filter(([key]) => !key.includes(' task_run_filter '))).toEqual([])
      expect(new Set(refused.map(([, status]) => status))).toEqual(new Set([422]))
    })
  })
}
