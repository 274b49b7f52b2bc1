import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { journeys } from './support/journey.ts'

const SCRIPT = readFileSync(join(import.meta.dirname, 'scripts', 'deploy_and_show.py'), 'utf8')

for (const release of ['newest', 'floor'] as const) {
  journeys('flows deploy themselves and create artifacts', release, (journey) => {
    // oxlint-disable-next-line typescript/no-explicit-any -- what the script found
    let found: any
    beforeAll(async () => {
      // Without a template, as `prefect deploy` creates pools.
      await journey().call('POST', '/work_pools/', { name: 'push', type: 'ecs:push' })
      const { output } = await journey().python(SCRIPT)
      const line = output.split('\n').find((each) => each.startsWith('FOUND'))
      found = JSON.parse(line?.slice('FOUND'.length) ?? expect.fail(output))
    }, 120_000)

    it("with an image for the pool's template", async () => {
      const deployment = await journey().call('GET', `/deployments/${found.deployed}`)
      expect(deployment).toMatchObject({ name: 'plain', work_pool_name: 'push', job_variables: { image: 'image:1' } })
    })

    it('with a warning that triggers are not run', async () => {
      expect(found['with trigger']).toContain('deployment triggers are not supported')
      expect(await journey().call('GET', '/deployments/name/shows/triggered')).toMatchObject({ name: 'triggered' })
    })

    it('with the latest of each key first, and live progress', async () => {
      expect(found.report).toEqual(['# second', 'the second'])
      expect(await journey().call('GET', `/artifacts/${found.progress}`)).toMatchObject({ type: 'progress', data: 50 })
      const listed = await journey().cli('artifact', 'ls')
      expect(listed).toMatch(/table[^]*report|report[^]*table/)
      expect(await journey().cli('artifact', 'inspect', 'report')).toMatch(/# second[^]*# first/)
    })
  })
}
