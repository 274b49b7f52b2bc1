import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const PLANT = pathToFileURL(join(import.meta.dirname, 'bank', 'plant.ts')).href
const STATES = JSON.stringify(pathToFileURL(join(ROOT, 'shared', 'flow-run', 'state.ts')).href)
/** Prints whether a cancelling run holds slots, as the process itself has it and then a thread of it. */
const PROGRAM = `
  import { isMainThread, Worker } from 'node:worker_threads'
  const { holdsSlots } = await import(${STATES})
  console.log(holdsSlots('CANCELLING'))
  if (isMainThread) new Worker(new URL('data:text/javascript,' + encodeURIComponent(
    'const { holdsSlots } = await import(' + JSON.stringify(${STATES}) + '); console.log(holdsSlots("CANCELLING"))')))
`

function run(bug?: string) {
  const env = { ...process.env, ...(bug === undefined ? {} : { PUSHPOOL_BUG: bug }) }
  return spawnSync(process.execPath, ['--import', PLANT, '--input-type=module', '--eval', PROGRAM], {
    env,
    encoding: 'utf8',
  })
}

it('plants a bug in a process and in its threads, and says so', () => {
  const { stdout, stderr } = run('a cancelling run releases its slots')
  expect(stdout).toBe('false\nfalse\n')
  expect(stderr).toBe('planted: a cancelling run releases its slots\n')
})

it('leaves the code as it is where no bug is named', () => {
  expect(run().stdout).toBe('true\ntrue\n')
})

it('fails where the bank has no such bug', () => {
  const { status, stderr } = run('no such bug')
  expect(stderr).toContain("The bank has no bug of the name 'no such bug'.")
  expect(status).not.toBe(0)
})
