import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AgentStatus } from '../../../agent/agent-status.ts'
import { judgeHealth, judgeReadiness } from '../../../agent/health/judge-health.ts'
import { metricsText } from '../../../agent/health/metrics-text.ts'
import { serveHealth } from '../../../agent/health/serve-health.ts'

const outcomes = { completed: 3, failed: 1, crashed: 0, cancelled: 0, handed_back: 0, reported_itself: 2, lost: 0 }

function statusOf(given: Partial<AgentStatus> = {}): AgentStatus {
  return {
    state: 'online',
    lastAnswerAgeSeconds: 1.5,
    calls: { ok: 10, failed: 2 },
    claimed: 7,
    holding: 2,
    running: 1,
    slotsFree: null,
    leaseRenewals: 9,
    leaseSecondsLeft: null,
    outcomes,
    spooledLogBytes: 0,
    spooledStates: 0,
    ...given,
  }
}

async function serve(status: () => AgentStatus) {
  const server = await serveHealth({ host: '127.0.0.1', port: 0, agent: { name: 'a', version: '1' }, status })
  onTestFinished(() => server.close())
  return server.url
}

it('serves health and readiness as they are now', async () => {
  let status = statusOf()
  const url = await serve(() => status)
  const healthy = await fetch(`${url}/healthz`)
  expect(healthy.status).toBe(200)
  expect(await healthy.json()).toEqual({ ok: true, state: 'online', last_answer_age_seconds: 1.5 })
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  status = statusOf({ lastAnswerAgeSeconds: 301 })
  expect((await fetch(`${url}/healthz`)).status).toBe(503)
  expect((await fetch(`${url}/readyz?verbose`)).status).toBe(503)
})

it('serves metrics under the media type of OpenMetrics, and nothing else', async () => {
  const url = await serve(() => statusOf())
  const metrics = await fetch(`${url}/metrics`)
  expect(metrics.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(await metrics.text()).toMatch(/\n# EOF\n$/)
  expect((await fetch(url)).status).toBe(404)
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405)
  expect(await (await fetch(`${url}/metrics`, { method: 'HEAD' })).text()).toBe('')
})

it('does not serve where another program listens', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const options = { host: '127.0.0.1', port, agent: { name: 'a', version: '1' }, status: statusOf }
  await expect(serveHealth(options)).rejects.toThrow('EADDRINUSE')
})

describe('an agent', () => {
  it.each<[string, Partial<AgentStatus>, boolean, boolean]>([
    ['that the service answers', {}, true, true],
    ['that is paused', { state: 'paused' }, true, true],
    ['that drains', { state: 'draining' }, true, false],
    ['that has ended', { state: 'ended' }, false, false],
    ['without an answer for three minutes', { lastAnswerAgeSeconds: 180 }, true, false],
    ['without an answer for six minutes', { lastAnswerAgeSeconds: 360 }, false, false],
  ])('%s: %j', (_, given, healthy, ready) => {
    expect(judgeHealth(statusOf(given), 3_600).ok).toBe(healthy)
    expect(judgeReadiness(statusOf(given)).ok).toBe(ready)
  })

  it('is given time for its first call', () => {
    const starting = statusOf({ state: 'starting', lastAnswerAgeSeconds: null })
    expect(judgeHealth(starting, 10).ok).toBe(true)
    expect(judgeHealth(starting, 301).ok).toBe(false)
    expect(judgeReadiness(starting).ok).toBe(false)
  })
})

it('writes metrics as the grammar of OpenMetrics has them', () => {
  const text = metricsText({ name: 'a "b"\\\n', version: '1' }, statusOf({ leaseSecondsLeft: 120, slotsFree: 3 }))
  const lines = text.split('\n')
  expect(lines.slice(-2)).toEqual(['# EOF', ''])
  expect(text).toContain('pushpool_agent_info{name="a \\"b\\"\\\\\\n",version="1"} 1\n')
  const families = lines.flatMap((line) => /^# TYPE (\w+) (?:counter|gauge|info|stateset)$/.exec(line)?.[1] ?? [])
  expect(new Set(families).size).toBe(families.length)
  // Metadata first, then the samples, of one family after the other.
  const blocks = text.slice(0, -'# EOF\n'.length).split(/^(?=# TYPE )/m)
  const sample = String.raw`(?:_total|_info)?(?:\{\w+="(?:[^"\\\n]|\\["\\n])*"(?:,\w+="(?:[^"\\\n]|\\["\\n])*")*\})? [\d.]+\n`
  const grammar = new RegExp(
    String.raw`^# TYPE (\w+) \w+\n(?:# UNIT \1 (?:seconds|bytes)\n)?# HELP \1 .+\n(?:\1${sample})+$`,
  )
  expect(blocks.filter((block) => !grammar.test(block))).toEqual([])
  expect(blocks).toHaveLength(families.length)
  expect(text).toContain('# TYPE pushpool_agent_claimed_runs counter\n')
  expect(text).toContain('\npushpool_agent_claimed_runs_total 7\n')
  expect(text).toContain('\npushpool_agent_ended_runs_total{outcome="completed"} 3\n')
  expect(text).toContain('\npushpool_agent_state{pushpool_agent_state="online"} 1\n')
  expect(text).toContain('\npushpool_agent_lease_left_seconds 120\n')
  expect(text).toContain('\npushpool_agent_free_slots 3\n')
  expect(text).toContain('# UNIT pushpool_agent_lease_left_seconds seconds\n')
  expect(metricsText({ name: 'a', version: '1' }, statusOf())).not.toMatch(/free_slots|lease_left/)
})
