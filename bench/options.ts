import { parseArgs } from 'node:util'

/** How much is measured: numbers above zero, and lists of them. */
export type SizesOf<S> = Record<keyof S, number | number[]>

/** Sizes to choose from. */
export interface Presets<S> {
  full: S
  /** Finds what is broken, not what is slow. */
  quick: S
}

export interface Options<S> {
  help: boolean
  json: boolean
  /** Names of workloads; all of them when empty. */
  only: string[]
  sizes: S
}

/** The options that are not sizes, as `--help` lists them. */
export const USAGE = `  --quick             small sizes: shows within a minute or two what is broken
  --only <name>,...   only these workloads
  --json              print JSON instead of tables
  --help              show this help
`

/**
 * Parses the command line; each size is an option of the same name (`--queued-runs`). Throws with a user-facing
 * message.
 */
export function parseOptions<S extends SizesOf<S>>(args: readonly string[], { full, quick }: Presets<S>): Options<S> {
  const names = Object.keys(full) as (keyof S & string)[]
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      only: { type: 'string' },
      ...Object.fromEntries(names.map((name) => [flagOf(name), { type: 'string' as const }])),
    },
  })
  const given = values as Record<string, string | boolean | undefined>
  const sizes = { ...(given.quick ? quick : full) }
  for (const name of names) {
    const numbers = numbersOf(flagOf(name), given[flagOf(name)])
    if (numbers) sizes[name] = (Array.isArray(full[name]) ? numbers : numbers[0]) as S[typeof name]
  }
  const only = typeof given.only === 'string' ? given.only.split(',') : []
  return { help: given.help === true, json: given.json === true, only, sizes }
}

/** `queuedRuns` is said as `--queued-runs`. */
function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function numbersOf(name: string, given: string | boolean | undefined): number[] | undefined {
  if (typeof given !== 'string') return undefined
  const numbers = given.split(',').map(Number)
  if (numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers
  throw new Error(`Invalid --${name} '${given}' (whole numbers above zero).`)
}
