import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createClient } from '#shared/client/create-client.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { processStart } from '#shared/process/process-start.ts'
import { AGENT_POOL_NAME } from '#shared/work-pool/work-pool.ts'
import { FolderInUse } from '../../local/lock.ts'
import { type Service, type ServiceOptions, startService } from '../../local/service.ts'
import { createRuns, pushPool, readLimit, readRun } from '../support/fixtures/fixtures.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

async function start(options: Partial<ServiceOptions> = {}): Promise<Service> {
  const service = await startService({ dataDir: temporaryFolder(), port: 0, log: quiet, tickSeconds: 1, ...options })
  onTestFinished(() => service.stop())
  return service
}

async function ended(service: Service, runId: string, type: string) {
  await until(`run ${runId} is ${type}`, async () => (await readRun(service.deps, runId)).state.type === type)
  return await readRun(service.deps, runId)
}

describe('the service', () => {
  it('answers over HTTP', async () => {
    const service = await start()
    const answer = await fetch(`${service.url}/api/health`)
    expect({ status: answer.status, body: await answer.json() }).toEqual({ status: 200, body: true })
  })

  it('takes a run of a push pool from creation to its end', async () => {
    const service = await start()
    const command = ['sh', '-c', 'echo $PUSHPOOL_RUN_ID $PUSHPOOL_GENERATION >>"$0"', join(service.dataDir, 'ledger')]
    const { pool, queueId, deployment } = await pushPool(service.deps, {
      poolLimit: 2,
      queueLimit: 1,
      jobVariables: { command },
    })
    const runs = await createRuns(service.deps, deployment, 5)
    for (const { id } of runs) {
      expect((await ended(service, id, 'COMPLETED')).state.message).toBe('The command exited with code 0.')
    }
    const ledger = readFileSync(join(service.dataDir, 'ledger'), 'utf8').trim().split('\n')
    expect(ledger.toSorted()).toEqual(runs.map(({ id }) => `${id} 1`).toSorted())
    // The queue delivers events of a task after its end, too; that must not look like a task to stop.
    expect(service.deps.metrics.counts.get('OrphansStopped')).toBeUndefined()
    const counts = [
      await readLimit(service.deps, poolLimit(pool.id)),
      await readLimit(service.deps, queueLimit(queueId)),
    ]
    expect(counts).toMatchObject([
      { active: 0, available: 2 },
      { active: 0, available: 1 },
    ])
  })

  it('reports how a command failed', async () => {
    const service = await start()
    const { deployment } = await pushPool(service.deps, { jobVariables: { command: ['no-such-program'] } })
    const [run] = await createRuns(service.deps, deployment, 1)
    expect((await ended(service, run?.id ?? '', 'CRASHED')).state.message).toContain('no such file or directory')
  })

  it('keeps everything across a restart, with its tasks still running', async () => {
    const dataDir = temporaryFolder()
    const first = await start({ dataDir })
    const gate = join(dataDir, 'gate')
    const command = ['sh', '-c', 'until [ -e "$0" ]; do sleep 0.02; done', gate]
    const { deployment } = await pushPool(first.deps, { jobVariables: { command } })
    const [run] = await createRuns(first.deps, deployment, 1)
    const running = await ended(first, run?.id ?? '', 'RUNNING')
    await first.stop()
    const second = await start({ dataDir })
    expect(await readRun(second.deps, running.id)).toEqual(running)
    await second.deps.tasks.stop(running.launch?.taskArn ?? '', 'enough')
    expect((await ended(second, running.id, 'CRASHED')).state.message).toContain('SIGTERM')
  })

  it('answers calls that wait for work when it is stopped', async () => {
    const service = await start()
    const client = createClient({ url: service.url, retry: { triesMax: 1 } })
    const agent = { id: randomUUID(), name: 'a' }
    const session = { agent, session: randomUUID(), free: { slots: 1 }, capacity: { slots: 1 } }
    const call = (sequence: number, wait_seconds: number) =>
      client.claimWork({ name: AGENT_POOL_NAME }, { ...session, sequence, request_id: randomUUID(), wait_seconds })
    const { sequence } = await call(0, 0)
    const waits = service.deps.changes && vi.spyOn(service.deps.changes, 'next')
    const waiting = call(sequence, 20)
    await until('it waits', () => waits?.mock.calls.length)
    await service.stop()
    expect(await waiting).toMatchObject({ waited: true, runs: [] })
  })

  it('does not share its folder', async () => {
    const service = await start()
    await expect(start({ dataDir: service.dataDir })).rejects.toThrow(FolderInUse)
  })

  it('leaves nothing behind when it cannot start', async () => {
    const { url } = await start()
    const dataDir = temporaryFolder()
    await expect(start({ dataDir, port: Number(new URL(url).port) })).rejects.toThrow('in use')
    await start({ dataDir })
  })

  it('uses an engine that already runs, and leaves it running', async () => {
    const host = await start()
    const dynamoDbEndpoint = await host.deps.table.client.config.endpoint?.()
    const guest = await start({ dynamoDbEndpoint: `http://127.0.0.1:${dynamoDbEndpoint?.port}` })
    await guest.stop()
    expect((await fetch(`${host.url}/api/health`)).status).toBe(200)
  })

  it('notices when its engine dies', async () => {
    const service = await start()
    const { pid } = JSON.parse(readFileSync(join(service.dataDir, 'engine.json'), 'utf8')) as { pid: number }
    process.kill(pid, 'SIGKILL')
    await service.engineLost
    expect(processStart(pid)).toBeUndefined()
  })
})
