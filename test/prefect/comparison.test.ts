import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, inject, it } from 'vitest'
import { postgresPrograms } from '../../bench/prefect/postgres.ts'

const MAIN = join(import.meta.dirname, '../../bench/prefect/main.ts')
const SMALLEST = ['--quick', '--clients', '2', '--queues', '1,2', '--queued-runs', '4', '--samples', '2']

describe.skipIf(inject('prefect') === null || postgresPrograms() === undefined)('the comparison with Prefect', () => {
  it('makes the same requests to both servers, and all succeed', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...SMALLEST, '--json'])
    const { workloads, errors } = JSON.parse(stdout)
    expect(errors).toBe(0)
    expect(workloads.map(({ name }: { name: string }) => name)).toEqual([
      'creates',
      'polls',
      'lifecycles',
      'queues',
      'pickup',
    ])
    for (const { rows } of workloads.slice(0, -1)) {
      expect(rows[0].ratio).toBeGreaterThan(0)
      expect(rows.at(-1)['Prefect p50 ms']).toEqual(expect.any(Number))
    }
    // A row for each side, and how they compare.
    const pickUp: Record<string, unknown>[] = workloads.at(-1).rows
    expect(pickUp.map((row) => row['p50 ms'])).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)])
    expect(pickUp.at(-1)).toMatchObject({ name: 'ratio' })
  })
})
