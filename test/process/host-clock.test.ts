import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hostSeconds } from '#shared/process/host-clock.ts'
import { until } from '../support/until.ts'

const CLOCK = join(import.meta.dirname, '..', '..', 'shared', 'process', 'host-clock.ts')
const PRINT = `import('${CLOCK}').then(({ hostSeconds }) => console.log(hostSeconds()))`

it('the clock of the host is the same in all of its processes', () => {
  const before = hostSeconds()
  const other = Number(execFileSync(process.execPath, ['-e', PRINT], { encoding: 'utf8' }))
  expect(other).toBeGreaterThanOrEqual(before)
  expect(other).toBeLessThanOrEqual(hostSeconds())
})

it('the clock of the host counts seconds', async () => {
  const [start, startMs] = [hostSeconds(), performance.now()]
  await until('half a second has passed', () => performance.now() - startMs >= 500)
  const passedSeconds = (performance.now() - startMs) / 1000
  expect(Math.abs(hostSeconds() - start - passedSeconds)).toBeLessThan(0.1)
})
