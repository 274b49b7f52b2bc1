import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { processStart, stillRuns } from '#shared/process/process-start.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { startAgentProcess } from './support/agent-process.ts'
import { type Place, withService } from './support/place.ts'

const openPlace = withService()
const LEASE_SECONDS = 5
const RSS_BYTES_MAX = 80e6

/** A run whose command goes on for ever, and the process that it is. */
async function runningForever(place: Place) {
  const file = join(place.folder, 'pid')
  const script = `trap "" TERM; echo $$ >${file}; while :; do sleep 0.02; done`
  const [run] = await place.create(await place.deploy(['/bin/sh', '-c', script]))
  return {
    id: run?.id ?? '',
    started: async () => {
      const pid = await until('it runs', () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0))
      const startedAt = processStart(pid) ?? ''
      return { isGone: () => !stillRuns(pid, startedAt) }
    },
  }
}

describe("an agent's process", () => {
  it('that is killed takes its commands with it, and its runs end with its lease', async () => {
    const place = await openPlace()
    const { id, started } = await runningForever(place)
    const agent = await startAgentProcess(place, { leaseSeconds: LEASE_SECONDS })
    const command = await started()
    await place.until(id, 'RUNNING')
    agent.signal('SIGKILL')
    await until('its command is gone', command.isGone)
    expect((await place.run(id)).state.type).toBe('RUNNING')
    expect((await place.until(id, 'CRASHED')).state.message).toContain('its lease ran out')
  })

  it('that is stopped has its commands ended before its lease is over, and goes on when it may', async () => {
    const place = await openPlace()
    const { id, started } = await runningForever(place)
    const agent = await startAgentProcess(place, { leaseSeconds: LEASE_SECONDS })
    const command = await started()
    await place.until(id, 'RUNNING')
    agent.signal('SIGSTOP')
    await until('its command is gone', command.isGone)
    expect((await place.run(id)).state.type).toBe('RUNNING')
    await place.until(id, 'CRASHED')
    agent.signal('SIGCONT')
    const [next] = await place.create(await place.deploy(['true'], { name: 'next' }))
    await place.until(next?.id ?? '', 'COMPLETED')
    expect((await place.run(id)).history.filter(({ type }) => type === 'CRASHED')).toHaveLength(1)
    agent.signal('SIGTERM')
    expect(await agent.ended).toBe(0)
  })

  it('takes little memory while it is idle', async () => {
    const place = await openPlace()
    // As it is published: Node takes some 20 MB more to read TypeScript.
    const program = join(temporaryFolder(), 'agent.mjs')
    const source = join(import.meta.dirname, 'support/agent-program.ts')
    await build({ entryPoints: [source], outfile: program, bundle: true, platform: 'node', format: 'esm' })
    const agent = await startAgentProcess(place, { leaseSeconds: LEASE_SECONDS }, program)
    agent.signal('SIGUSR2')
    const line = await until('it says so', () => agent.said.find((each) => each.startsWith('RSS ')))
    expect(Number(line?.slice(4))).toBeLessThan(RSS_BYTES_MAX)
  })
})
