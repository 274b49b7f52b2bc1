import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Api } from '../../agent/report/api.ts'
import { Courier } from '../../agent/report/courier.ts'
import type { ClaimedRun } from '../../agent/report/hand-out.ts'
import { LogSpool } from '../../agent/report/log-spool.ts'
import { RunOutput } from '../../agent/report/run-output.ts'
import { answers, type Behaviour, dropsTheConnection, openMisbehavingServer } from '../support/misbehaving-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const RUN = { flow_run: { id: 'r1' }, life: 'a1', generation: 2 } as unknown as ClaimedRun
const stored = answers(201, null)

interface Line {
  message: string
  timestamp: string
}

async function open(...behaviours: Behaviour[]) {
  const server = await openMisbehavingServer(...behaviours)
  const path = join(temporaryFolder(), 'output')
  const api = new Api({ apiUrl: server.url, readApiKey: () => undefined })
  const output = new RunOutput(RUN, path, new Courier(api, { first: 0.01, max: 0.02 }))
  const batches = () => server.received.map(({ body }) => JSON.parse(body) as Line[])
  return { server, output, batches, write: (text: string) => appendFileSync(path, text) }
}

describe('the output of a run', () => {
  it('is sent again unchanged until it is stored, and what came meanwhile comes after it', async () => {
    const { server, output, batches, write } = await open(answers(503, {}), dropsTheConnection, stored)
    write('one\ntwo\nunfini')
    output.look()
    output.ship()
    await until('it was sent', () => server.received.length > 0)
    write('shed\nlast')
    await output.finish()
    const [first, ...others] = batches()
    expect(others.slice(0, 2)).toEqual([first, first])
    expect(first?.map(({ message }) => message)).toEqual(['one', 'two'])
    const later = others.slice(2).flat()
    expect(later.map(({ message }) => message)).toEqual(['unfinished', 'last'])
    const times = [...(first ?? []), ...later].map(({ timestamp }) => timestamp)
    expect(times).toEqual([...new Set(times)].toSorted())
    expect(server.received[0]?.headers['x-pushpool-generation']).toBe('r1/a1/2')
    expect(output.pendingBytes).toBe(0)
  })

  it('does not keep a run from its end where the service fails at it again and again', async () => {
    const { output, batches, write } = await open((response, request) =>
      (request.body.includes('poison') ? answers(500, {}) : stored)(response, request),
    )
    write('poison\n')
    output.look()
    output.ship()
    await until('it was sent', () => batches().length > 0)
    write('last')
    await output.finish()
    expect(
      batches()
        .at(-1)
        ?.map(({ message }) => message),
    ).toEqual(['last'])
    expect(batches().length).toBeGreaterThan(5)
  })

  it('is nothing where there is none', async () => {
    const { server, output } = await open(stored)
    await output.finish()
    expect(server.received).toEqual([])
  })

  it('loses its oldest lines where too much waits, and says how many', async () => {
    let away = true
    const { server, output, batches, write } = await open((response, request) =>
      (away ? answers(503, {}) : stored)(response, request),
    )
    const spool = new LogSpool(2_000)
    write('first\n')
    spool.add(output)
    await until('it was sent', () => server.received.length > 0)
    for (let n = 0; n < 1_000; n += 1) write(`${String(n).padStart(9, '0')}\n`)
    await until('it is within bounds', () => output.pendingBytes > 1_000 && output.pendingBytes <= 2_000)
    away = false
    await output.finish()
    spool.remove(output)
    const tries = batches()
    const kept = tries.slice(tries.findLastIndex(([line]) => line?.message === 'first') + 1).flat()
    const [note, ...lines] = kept.map(({ message }) => message)
    const dropped = Number(/^(\d+) lines of output were dropped/.exec(note ?? '')?.[1])
    expect(lines.map(Number)).toEqual(Array.from({ length: 1_000 - dropped }, (_, n) => n + dropped))
    expect(dropped).toBeGreaterThanOrEqual(800)
    expect(dropped).toBeLessThan(810)
  })
})
