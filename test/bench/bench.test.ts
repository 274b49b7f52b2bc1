import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseOptions } from '../../bench/options.ts'
import { logLogSlope, median, quantile, rounded } from '../../bench/report/statistics.ts'
import { textTable } from '../../bench/report/table.ts'
import { FULL, QUICK } from '../../bench/sizes.ts'

const MAIN = join(import.meta.dirname, '../../bench/main.ts')
const run = promisify(execFile)
const bench = (...args: string[]) => run(process.execPath, [MAIN, ...args])

/** What a failed command printed and how it ended. */
async function failureOf(command: Promise<unknown>): Promise<{ code: number; stderr: string }> {
  const failure = await command.then(
    () => undefined,
    (error: unknown) => error as { code: number; stderr: string },
  )
  if (!failure) throw new Error('the command did not fail')
  return failure
}

describe('the benchmark', () => {
  it('counts the units of a push run on the real engine, within the budget', async () => {
    const { stdout } = await bench('--quick', '--only', 'units,idle', '--json')
    const { machine, sizes, workloads, errors } = JSON.parse(stdout)
    expect(machine).toMatchObject({ node: process.version, cores: expect.any(Number), commit: expect.any(String) })
    expect(sizes).toMatchObject({ rounds: 1, seconds: 1 })
    expect(errors).toBe(0)
    expect(workloads.map(({ name }: { name: string }) => name)).toEqual(['units', 'idle'])
    const inAll = workloads[0].rows.filter(({ step }: { step: string }) => step === 'in all')
    expect(inAll).toMatchObject([{ 'runs at once': 1 }, { 'runs at once': 10 }])
    for (const row of inAll) expect(row['write units']).toBeLessThanOrEqual(22)
    const ticks = workloads[1].rows as Record<string, number>[]
    expect(new Set(ticks.map((row) => row['write units per tick']))).toEqual(new Set([0]))
    // 25 units at each tick are $0.14 a month, of the $0.30 that an idle service may cost.
    const read = ticks.filter(({ pools }) => pools === 2).map((row) => row['read units per tick'] ?? Number.NaN)
    expect(read.reduce((sum, units) => sum + units, 0)).toBeLessThanOrEqual(25)
  })

  it('counts what an idle agent costs', async () => {
    const { stdout } = await bench('--only', 'agent-month', '--json')
    const { workloads, errors } = JSON.parse(stdout)
    expect(errors).toBe(0)
    const [idle, holding] = workloads[0].rows
    expect(idle).toMatchObject({ agent: 'idle', 'calls an hour': 120, 'write units an hour': 40 })
    expect(idle['read units a call']).toBeLessThanOrEqual(4)
    expect(holding).toMatchObject({ agent: 'holds a run', 'calls an hour': 120, 'write units an hour': 120 })
  })

  it('looks past whatever stands before the runs that can start', async () => {
    const { stdout } = await bench('--quick', '--only', 'looks', '--samples', '1', '--json')
    const { workloads, errors } = JSON.parse(stdout)
    expect(errors).toBe(0)
    expect(workloads[0].rows).toHaveLength(6)
    for (const row of workloads[0].rows) {
      expect(row).toMatchObject({ answered: 10, claimed: 10, 'read calls': expect.any(Number) })
      expect(row['read calls']).toBeGreaterThan(0)
    }
  })

  it('measures a running service over HTTP', async () => {
    const { stdout } = await bench('--quick', '--only', 'lifecycles', '--clients', '2', '--json')
    const { workloads, errors } = JSON.parse(stdout)
    expect(errors).toBe(0)
    expect(workloads[0].rows).toMatchObject([{ clients: 2, 'per second': expect.any(Number) }])
    expect(workloads[0].rows[0]['per second']).toBeGreaterThan(0)
  })

  it('rejects unknown options', async () => {
    expect(await failureOf(bench('--only', 'nonsense'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Unknown workload 'nonsense'"),
    })
    expect(() => parseOptions(['--clients', '0,8'], { full: FULL, quick: QUICK })).toThrow('--clients')
  })

  it('lists its workloads', async () => {
    const { stdout } = await bench('--help')
    for (const name of [
      'creates',
      'lifecycles',
      'claims',
      'backlog',
      'queues',
      'looks',
      'units',
      'idle',
      'bundles',
      'agent',
      'agent',
    ]) {
      expect(stdout).toContain(name)
    }
  })
})

describe('figures', () => {
  it('have a median and a tail', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3)
    expect(quantile([1, 2, 3, 4, 5], 0.99)).toBe(5)
  })

  it('grow with a slope on logarithmic scales', () => {
    const flat = [10, 100, 1000].map((x) => ({ x, y: 7 }))
    const inProportion = [10, 100, 1000].map((x) => ({ x, y: 3 * x }))
    expect(logLogSlope(flat)).toBeCloseTo(0)
    expect(logLogSlope(inProportion)).toBeCloseTo(1)
  })

  it('are rounded to three digits', () => {
    expect([0.12345, 1.2345, 123.45, 12345.6].map(rounded)).toEqual([0.123, 1.23, 123, 12346])
  })

  it('line up in a table, numbers to the right', () => {
    const rows = [
      { name: 'a', ms: 1.5 },
      { name: 'long', ms: 1200 },
    ]
    expect(textTable(rows).split('\n')).toEqual(['name     ms', '────  ─────', 'a       1.5', 'long  1,200'])
  })
})
