import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { type Place, withService } from './support/place.ts'
import { startTestAgent } from './support/start-agent.ts'

const openPlace = withService()

/** What stands in for Prefect on the PATH: it is called as Prefect is, and does with its run what the test says. */
function prefectThat(place: Place, does: string): Record<string, string | undefined> {
  const folder = join(place.folder, 'bin')
  mkdirSync(folder, { recursive: true })
  const program = `#!${process.execPath}
const { PREFECT_API_URL: url, PREFECT__FLOW_RUN_ID: id, PREFECT_CLIENT_CUSTOM_HEADERS: headers } = process.env
const enter = (type) => fetch(url + '/flow_runs/' + id + '/set_state', {
  method: 'POST',
  headers: { 'content-type': 'application/json', ...JSON.parse(headers) },
  body: JSON.stringify({ state: { type } }),
})
console.log(process.argv.slice(2).join(' '))
${does}
`
  writeFileSync(join(folder, 'prefect'), program)
  chmodSync(join(folder, 'prefect'), 0o755)
  return { ...process.env, PATH: `${folder}:${process.env.PATH}` }
}

async function flowRun(place: Place): Promise<string> {
  const [run] = await place.create(await place.deploy([], { entrypoint: 'flow.py:main' }))
  return run?.id ?? ''
}

describe('a flow', () => {
  it('is started as Prefect starts it, and reports its own states', async () => {
    const place = await openPlace()
    const env = prefectThat(place, "await enter('RUNNING')\nawait enter('COMPLETED')")
    const id = await flowRun(place)
    const agent = startTestAgent({ ...place, url: `${place.url}/api` }, { env })
    const ended = await place.until(id, 'COMPLETED')
    expect(ended.history.map(({ type }) => type)).toEqual(['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED'])
    await until('it is let go of', () => agent.status().outcomes.reported_itself === 1)
    expect(await place.logsOf(id)).toEqual([])
  })

  it('that exits with an error has crashed, and its output says why', async () => {
    const place = await openPlace()
    const env = prefectThat(place, "await enter('RUNNING')\nprocess.exit(7)")
    const id = await flowRun(place)
    startTestAgent({ ...place, url: `${place.url}/api` }, { env })
    const { state } = await place.until(id, 'CRASHED')
    expect(state.message).toBe('Flow run process exited with status code 7.')
    expect(await place.logsOf(id)).toEqual(['flow-run execute'])
  })

  it('that dies while it is paused has crashed', async () => {
    const place = await openPlace()
    const env = prefectThat(place, "await enter('RUNNING')\nawait enter('PAUSED')\nprocess.exit(1)")
    const id = await flowRun(place)
    startTestAgent({ ...place, url: `${place.url}/api` }, { env })
    expect((await place.until(id, 'CRASHED')).history.map(({ type }) => type)).toContain('PAUSED')
  })

  it('that exits without an end has crashed, too', async () => {
    const place = await openPlace()
    const env = prefectThat(place, '')
    const id = await flowRun(place)
    startTestAgent({ ...place, url: `${place.url}/api` }, { env })
    const { state } = await place.until(id, 'CRASHED')
    expect(state.message).toBe('Flow run process exited with status code 0 without reporting a final state.')
  })
})
