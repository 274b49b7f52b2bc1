import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Release } from './support/environments.ts'
import { journeys } from './support/journey.ts'

const SCRIPT = readFileSync(join(import.meta.dirname, 'scripts', 'every_method.py'), 'utf8')

interface Told {
  /** Methods that the script does not call. */
  uncalled: string[]
  /** Status, method and path of each response of 400 or more. */
  refused: [number, string, string][]
}

/** Methods with suites of their own, those for what is not served here, and those that make no request. */
const LEFT_OUT =
  /artifact|automation|block|variable|concurrency|event|_slas_|_branch$|^(update|clear)_server_default|^client_version$|^request$/

for (const release of ['newest', 'floor'] satisfies Release[]) {
  journeys("the methods of Prefect's two clients", release, (journey) => {
    it('create, read, update and delete one of everything', async () => {
      const { status, stdout, stderr } = await journey().python(SCRIPT)
      if (status !== 0) throw new Error(stderr)
      const told: Record<string, Told> = JSON.parse(stdout)
      for (const kind of ['async', 'sync']) {
        const { uncalled = [], refused = [] } = told[kind] ?? {}
        expect(uncalled.filter((method) => !LEFT_OUT.test(method))).toEqual([])
        // The script reads what is missing, and creates what exists already.
        const statuses = new Set(refused.filter(([, , path]) => !path.endsWith('/csrf-token')).map(([code]) => code))
        expect(statuses).toEqual(new Set([404, 409]))
      }
    })
  })
}
