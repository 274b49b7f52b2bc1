import { parseArgs } from 'node:util'
import { PROFILES } from '../machine/profile.ts'
import { FAULT_KINDS } from '../story/fault-kinds.ts'
import { profileOfName } from './job.ts'

export const USAGE = `Runs pushpool in simulated worlds, each determined by its seed, and checks that what it promises holds in them.

  npm run simulate                       the known seeds, and 100 others
  npm run simulate -- --minutes 60       as many as fit into an hour
  npm run simulate -- --seed 17          one world, with all that went wrong in it

How much:
  --seeds N           this many seeds (100), after the known ones
  --fresh N           this many seeds, derived from the parent commit, as in CI
  --minutes M         as many as fit into this time, of those or at all
  --from n            the first seed (1)
  --profile x         what goes wrong, in all worlds: ${PROFILES.map(({ name }) => name).join(', ')};
                      by default each seed has its own
  --stop-at-first     stop at the first seed that fails

One world:
  --seed n            this seed, with what happens in it
  --engine            stored in the real engine (dynoxide) rather than in memory
  --acts 1,2,5        of what clients do, only these, by their numbers; 'none' for none
  --faults a,b        of the kinds of faults, only these; 'none' for none
  --strike x          of the faults at calls, only this one, '<process>@<call>'; may be given again

Output:
  --shrink-seconds s  how long to look for a shorter story of a seed that fails (60); 0: not at all
  --json              print one JSON object
  --quiet             print failures and the last line alone
  --help              print this`

/** What somebody asked the simulator for. */
export interface Options {
  help: boolean
  json: boolean
  quiet: boolean
  stopAtFirst: boolean
  engine: boolean
  shrinkSeconds: number
  profile: string | undefined
  from: number
  seed: number | undefined
  seeds: number | undefined
  minutes: number | undefined
  fresh: number | undefined
  selection: Replay
}

/** Which part of a world to replay. */
export interface Replay {
  /** Numbers of acts. */
  acts?: readonly number[] | undefined
  kinds?: readonly string[] | undefined
  strikes?: readonly string[] | undefined
}

/** Thrown for options that say nothing that can be done. */
export class WrongOptions extends Error {}

/** Reads the command line. Throws WrongOptions, with what to do about it. */
export function parseOptions(args: readonly string[]): Options {
  const values = valuesOf(args)
  const options: Options = {
    help: values.help === true,
    json: values.json === true,
    quiet: values.quiet === true,
    stopAtFirst: values['stop-at-first'] === true,
    engine: values.engine === true,
    shrinkSeconds: numberOf('shrink-seconds', values['shrink-seconds'], /^\d+(\.\d+)?$/) ?? 60,
    profile: profileOption(values.profile),
    from: wholeOf('from', values.from) ?? 1,
    seed: wholeOf('seed', values.seed),
    seeds: wholeOf('seeds', values.seeds),
    minutes: numberOf('minutes', values.minutes, /^\d+(\.\d+)?$/),
    fresh: wholeOf('fresh', values.fresh),
    selection: {
      acts: listOf(values.acts)?.map((each) => wholeOf('acts', each) ?? 0),
      kinds: kindsOption(values.faults),
      strikes: values.strike?.filter((each) => each !== 'none'),
    },
  }
  assertOneKind(options)
  return options
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
        quiet: { type: 'boolean' },
        'stop-at-first': { type: 'boolean' },
        engine: { type: 'boolean' },
        'shrink-seconds': { type: 'string' },
        profile: { type: 'string' },
        from: { type: 'string' },
        seed: { type: 'string' },
        seeds: { type: 'string' },
        minutes: { type: 'string' },
        fresh: { type: 'string' },
        acts: { type: 'string' },
        faults: { type: 'string' },
        strike: { type: 'string', multiple: true },
      },
    }).values
  } catch (error) {
    throw new WrongOptions((error as Error).message)
  }
}

function assertOneKind({ seed, seeds, minutes, fresh, engine, selection }: Options): void {
  const given = Object.entries({ seed, seeds, fresh }).filter(([, value]) => value !== undefined)
  if (given.length > 1)
    throw new WrongOptions(`only one of ${given.map(([name]) => `--${name}`).join(' and ')} at a time`)
  const ofOne = engine || Object.values(selection).some((value) => value !== undefined)
  if (seed !== undefined && minutes !== undefined) throw new WrongOptions('--minutes is for many seeds, not for --seed')
  if (ofOne && seed === undefined) throw new WrongOptions('--engine, --acts, --faults and --strike need --seed')
}

function numberOf(name: string, value: string | undefined, form: RegExp): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (form.test(value) && Number.isSafeInteger(Math.ceil(number))) return number
  throw new WrongOptions(`--${name} takes a number, not '${value}'`)
}

const wholeOf = (name: string, value: string | undefined) => numberOf(name, value, /^\d+$/)

function listOf(value: string | undefined): string[] | undefined {
  if (value === undefined) return undefined
  return value === 'none' ? [] : value.split(',').map((each) => each.trim())
}

function kindsOption(value: string | undefined): string[] | undefined {
  const kinds = listOf(value)
  const unknown = kinds?.find((kind) => !FAULT_KINDS.includes(kind))
  if (unknown === undefined) return kinds
  throw new WrongOptions(`no kind of fault is called '${unknown}'; there are ${FAULT_KINDS.join(', ')}`)
}

function profileOption(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  try {
    return profileOfName(value).name
  } catch (error) {
    throw new WrongOptions((error as Error).message)
  }
}
