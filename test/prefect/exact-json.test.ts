import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { deploy, endedRun } from './support/flow-runs.ts'
import { type Journey, journeys } from './support/journey.ts'

const SCRIPT = readFileSync(join(import.meta.dirname, 'scripts', 'exact_json.py'), 'utf8')
const POOL = 'exact'

journeys('JSON read by Python is what Python sent', 'newest', (journey) => {
  it('wherever it is kept, types included', async () => {
    const { output } = await journey().python(SCRIPT, { timeoutMs: 300_000 })
    expect(output).toContain('FOUND')
    const [, line = ''] = /^FOUND(.*)$/m.exec(output) ?? []
    const found = JSON.parse(line) as {
      tried: number
      changed: unknown[]
    }
    expect(found).toMatchObject({ changed: [] })
    expect(found.tried).toBeGreaterThan(400)
  })
})

for (const release of ['newest', 'floor', 'two'] as const) {
  journeys('parameters reach a pushed flow as they were given', release, (opened) => {
    let journey: Journey
    beforeAll(async () => {
      journey = opened()
      await journey.call('POST', '/work_pools/', { name: POOL, type: 'ecs:push' })
    })

    it('by the command line', async () => {
      const properties = { path: {}, number: {}, ratio: {}, zero: {}, items: {} }
      const schema = { parameter_openapi_schema: { type: 'object', properties } }
      const { id } = await deploy(journey, POOL, 'tell', schema)
      const path = join(journey.folder, 'told')
      const given = ['number=1234567890123456789', 'ratio=2.0', 'zero=-0.0', 'items=[1.0, 1, {"__proto__": 1e3}]']
      const params = [`path="${path}"`, ...given].flatMap((each) => ['--param', each])
      const output = await journey.cli('deployment', 'run', '--id', id, ...params)
      const [runId = ''] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(output.replaceAll(id, '')) ?? []
      expect((await endedRun(journey, runId)).state).toMatchObject({ type: 'COMPLETED' })
      expect(readFileSync(path, 'utf8')).toBe("[1234567890123456789, 2.0, -0.0, [1.0, 1, {'__proto__': 1000.0}]]")
    })
  })
}
