import { parseArgs } from 'node:util'
import { FULL, QUICK, type Sizes } from './sizes.ts'

export interface Options {
  help: boolean
  json: boolean
  /** Names of workloads; all of them when empty. */
  only: string[]
  sizes: Sizes
}

const LISTS = ['clients', 'backlog', 'queues'] as const
const NUMBERS = ['rounds', 'seconds', 'samples', 'queued-runs', 'dispatched', 'imports'] as const

export const USAGE = `Usage: npm run bench -- [--quick] [--only <name>,...] [--json] [sizes]

  --quick             small sizes: finds what is broken within a minute
  --only <name>,...   these workloads alone
  --json              one JSON document in place of tables
  --help              show this

Sizes, each with a number or numbers behind it:
  --rounds <n>        rounds of which a figure is the median (${FULL.rounds})
  --seconds <n>       seconds of one round (${FULL.seconds})
  --clients <n>,...   clients at once (${FULL.clients.join(',')})
  --backlog <n>,...   queued runs before a poll and a claim (${FULL.backlog.join(',')})
  --queues <n>,...    queues of one pool (${FULL.queues.join(',')})
  --queued-runs <n>   runs that wait in those queues (${FULL.queuedRuns})
  --samples <n>       polls and claims timed in one round (${FULL.samples})
  --dispatched <n>    runs that one round of the dispatcher claims (${FULL.dispatched})
  --imports <n>       processes that import each bundle (${FULL.imports})
`

/** Reads the command line. Throws with a sentence for people. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      only: { type: 'string' },
      ...Object.fromEntries([...LISTS, ...NUMBERS].map((name) => [name, { type: 'string' as const }])),
    },
  })
  const given = values as Record<string, string | boolean | undefined>
  const sizes: Sizes = { ...(given.quick ? QUICK : FULL) }
  for (const name of LISTS) sizes[name] = numbersOf(name, given[name]) ?? sizes[name]
  for (const name of NUMBERS) {
    const member = name === 'queued-runs' ? 'queuedRuns' : name
    sizes[member] = numbersOf(name, given[name])?.[0] ?? sizes[member]
  }
  const only = typeof given.only === 'string' ? given.only.split(',') : []
  return { help: given.help === true, json: given.json === true, only, sizes }
}

function numbersOf(name: string, given: string | boolean | undefined): number[] | undefined {
  if (typeof given !== 'string') return undefined
  const numbers = given.split(',').map(Number)
  if (numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers
  throw new Error(`--${name} takes whole numbers above zero, not '${given}'.`)
}
