import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from '#shared/client/create-client.ts'
import { processStart, stillRuns } from '#shared/process/process-start.ts'
import { until } from '../support/until.ts'
import { type ApiProxy, type Fate, isClaim, openProxy } from './support/api-proxy.ts'
import { type Place, withService } from './support/place.ts'
import { startTestAgent } from './support/start-agent.ts'

const openPlace = withService()
const sh = (script: string) => ['/bin/sh', '-c', script]
/** Writes a line now and then, until a file is there. */
const counting = (gate: string) => sh(`n=0; until [ -e ${gate} ]; do n=$((n+1)); echo $n; sleep 0.05; done; echo last`)
const typesOf = ({ history }: Awaited<ReturnType<Place['run']>>) => history.map(({ type }) => type)
/** From 1 to n, and then `last`. */
const counted = (lines: readonly string[]) => [...lines.slice(0, -1).keys()].map((n) => String(n + 1)).concat('last')

async function proxied(place: Place): Promise<{ proxy: ApiProxy; pool: string; url: string }> {
  const proxy = await openProxy(place.url)
  return { proxy, pool: place.pool, url: proxy.url }
}

describe('an agent whose service is away', () => {
  it('goes on, and all it has to report arrives once and in order when the service is back', async () => {
    const place = await openPlace()
    const gate = join(place.folder, 'gate')
    const at = await proxied(place)
    const [run] = await place.create(await place.deploy(counting(gate)))
    const id = run?.id ?? ''
    const agent = startTestAgent(at)
    await until('it has written', async () => (await place.logsOf(id)).length > 0)
    let calls = 0
    at.proxy.decide = () => {
      calls += 1
      return { status: 503 }
    }
    await until('it was refused', () => calls > 2)
    expect(agent.status().running).toBe(1)
    await at.proxy.close()
    writeFileSync(gate, '')
    await until('its command has ended', () => agent.status().running === 0)
    expect(agent.status()).toMatchObject({ holding: 1, spooledStates: 1 })
    await at.proxy.open()
    at.proxy.decide = () => 'passed'
    const ended = await place.until(id, 'COMPLETED')
    expect(typesOf(ended)).toEqual(['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED'])
    const logs = await place.logsOf(id)
    expect(logs).toEqual(counted(logs))
    expect(logs.length).toBeGreaterThan(5)
  })

  it('reports everything once where answers are lost', async () => {
    const place = await openPlace()
    const at = await proxied(place)
    const ledger = join(place.folder, 'ledger')
    const script = `echo $PUSHPOOL_RUN_ID >>${ledger}; for n in 1 2 3; do echo $n; done; echo last`
    const runs = await place.create(await place.deploy(sh(script)), 5)
    const seen = new Map<string, number>()
    // The first answer to each call about a run, and of each second claim call, never arrives.
    at.proxy.decide = ({ path, body }) => {
      const key = path.endsWith('/claim') ? 'claim' : `${path} ${body}`
      const count = (seen.get(key) ?? 0) + 1
      seen.set(key, count)
      return (key === 'claim' ? count % 2 === 1 : count === 1) ? 'swallowed' : 'passed'
    }
    startTestAgent(at)
    for (const { id } of runs) {
      expect(typesOf(await place.until(id, 'COMPLETED'))).toEqual(['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED'])
      expect(await place.logsOf(id)).toEqual(['1', '2', '3', 'last'])
    }
    const started = readFileSync(ledger, 'utf8').trim().split('\n')
    expect(started.toSorted()).toEqual(runs.map(({ id }) => id).toSorted())
  })

  it('reports the cancel of a run of whose hand-out it never heard', async () => {
    const place = await openPlace()
    const at = await proxied(place)
    startTestAgent(at)
    await until('it waits for work', () => at.proxy.requests.length > 1)
    const [run] = await place.create(await place.deploy(['true']))
    const id = run?.id ?? ''
    // The answer that hands it out is lost, and it is cancelled before there is another.
    let cancelled = false
    at.proxy.decide = () => (cancelled ? 'passed' : 'swallowed')
    await at.proxy.close()
    await at.proxy.open()
    await place.until(id, 'PENDING')
    await createClient({ url: place.url }).setFlowRunState({ id }, { state: { type: 'CANCELLING', message: 'why' } })
    cancelled = true
    const ended = await place.until(id, 'CANCELLED')
    expect(ended.state.message).toBe('why')
    expect(typesOf(ended)).not.toContain('RUNNING')
  })

  it('reports a run whose end was refused, when it is handed out again', async () => {
    const place = await openPlace()
    const at = await proxied(place)
    at.proxy.decide = ({ body }) => (body.includes('COMPLETED') ? { status: 422 } : 'passed')
    const [run] = await place.create(await place.deploy(['true']))
    const agent = startTestAgent(at)
    expect((await place.until(run?.id ?? '', 'CRASHED')).runCount).toBe(1)
    expect(agent.said.join()).toContain('could not be reported')
  })

  it('reads its key again where that is refused, and goes on', async () => {
    const place = await openPlace()
    const at = await proxied(place)
    let key = 'old'
    const agent = startTestAgent(at, { readApiKey: () => key })
    await until('it is known', () => agent.status().state === 'online')
    at.proxy.decide = ({ authorization }) => (authorization === 'Bearer new' ? 'passed' : { status: 401 })
    key = 'new'
    const [run] = await place.create(await place.deploy(['true']))
    expect((await place.until(run?.id ?? '', 'COMPLETED')).generation).toBe(1)
  })

  it('ends what it runs before its lease does, and says so afterwards', async () => {
    const place = await openPlace()
    const file = join(place.folder, 'file')
    const at = await proxied(place)
    const [run] = await place.create(await place.deploy(sh(`echo $$ >${file}; while :; do sleep 0.02; done`)))
    const agent = startTestAgent(at, { leaseSeconds: 5 })
    await place.until(run?.id ?? '', 'RUNNING')
    const pid = await until('it runs', () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0))
    const startedAt = processStart(pid) ?? ''
    // Requests arrive, so that the service renews what the agent does not know to be renewed.
    at.proxy.decide = () => 'swallowed'
    await until('its process is gone', () => !stillRuns(pid, startedAt))
    at.proxy.decide = () => 'passed'
    const ended = await place.until(run?.id ?? '', 'CRASHED')
    expect(ended.state.message).toContain("Agent 'a' had no contact for so long")
    await until('it holds nothing', () => agent.status().holding === 0)
    const [next] = await place.create(await place.deploy(['true'], { name: 'next' }))
    await place.until(next?.id ?? '', 'COMPLETED')
  })
})

describe('calls of an agent that meet', () => {
  it.each(['one id', 'two ids'])('hand out each run once: two with %s', async (ids) => {
    const place = await openPlace()
    const ledger = join(place.folder, 'ledger')
    const runs = await place.create(await place.deploy(sh(`echo $PUSHPOOL_RUN_ID >>${ledger}`)), 6)
    const at = await proxied(place)
    // Each claim call is carried out twice at once; which of the answers arrives is chance.
    at.proxy.decide = (request): Fate => {
      if (!isClaim(request)) return 'passed'
      const body = JSON.parse(request.body) as Record<string, unknown>
      const other = { ...body, ...(ids === 'two ids' ? { request_id: crypto.randomUUID() } : {}) }
      const headers = { 'content-type': 'application/json' }
      const twin = fetch(`${place.url}${request.path}`, { method: 'POST', headers, body: JSON.stringify(other) })
      void twin.then((answer) => answer.text()).catch(() => {})
      return 'passed'
    }
    startTestAgent(at, { limit: 2 })
    for (const { id } of runs) expect((await place.until(id, 'COMPLETED')).generation).toBe(1)
    const started = readFileSync(ledger, 'utf8').trim().split('\n')
    expect(started.toSorted()).toEqual(runs.map(({ id }) => id).toSorted())
  })
})

describe('an agent at its start', () => {
  it('says that there is no such pool, or that its key is refused, and exits', async () => {
    const place = await openPlace()
    const lost = startTestAgent({ ...place, pool: 'no-such-pool' })
    expect(await lost.done).toBe(3)
    expect(lost.said.join()).toContain('no-such-pool')
    const at = await proxied(place)
    at.proxy.decide = () => ({ status: 401 })
    expect(await startTestAgent(at).done).toBe(4)
  })

  it('waits for a service that is not there yet', async () => {
    const place = await openPlace()
    const at = await proxied(place)
    await at.proxy.close()
    onTestFinished(() => at.proxy.close())
    const agent = startTestAgent(at)
    await until('it has tried', () => agent.status().calls.failed > 1)
    expect(agent.said.join()).toContain('Nothing is listening')
    await at.proxy.open()
    await until('it is known', () => agent.status().state === 'online')
  })
})
