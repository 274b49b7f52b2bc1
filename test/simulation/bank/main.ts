import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BUGS } from './bugs.ts'
import { type Hunt, huntBug } from './hunt-bug.ts'
import { SHORT_FORM } from './short-form.ts'
import { lineOf, pageOf, summaryOf } from './table.ts'

/** Two at a time need both cores of a small machine. */
const AT_ONCE = (loadavg()[0] ?? 0) < 1 ? '2' : '1'

/** Shows that the simulation finds mistakes: hunts the bugs of the bank, one after another. `--help` says how. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    at: { type: 'string', default: AT_ONCE },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const USAGE = `npm run bugs -- [part of a name …]
  --seeds n      worlds simulated for one bug at most (200)
  --seconds n    seconds for one bug at most (60)
  --at n         bugs hunted at the same time (2 on an idle machine, or 1)
  --short        ten bugs of different kinds that are found soon
  --json         one line of JSON a bug
  --write-docs   writes the table into docs/simulation-bugs.md
`
const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'simulation-bugs.md')

if (values.help) process.stdout.write(USAGE)
else await main()

async function main(): Promise<void> {
  const chosen = BUGS.filter(
    ({ name }) =>
      (!values.short || SHORT_FORM.includes(name)) &&
      (positionals.length === 0 || positionals.some((part) => name.includes(part))),
  )
  if (chosen.length === 0) throw new Error('The bank has no such bug.')
  const options = { seeds: Number(values.seeds), seconds: Number(values.seconds) }
  const hunts: Hunt[] = []
  const left = chosen.values()
  const next = async () => {
    for (const bug of left) {
      const hunt = await huntBug(bug, options)
      hunts.push(hunt)
      console.log(values.json ? JSON.stringify(hunt) : lineOf(hunt))
    }
  }
  await Promise.all(Array.from({ length: Number(values.at) }, next))
  if (!values.json) console.log(summaryOf(hunts))
  if (values['write-docs']) writeFileSync(PAGE, pageOf(hunts, options))
  if (hunts.some(({ outcome }) => outcome !== 'found')) process.exitCode = 1
}
