import { split } from 'shlex'
import type { JobKind } from '#shared/flow-run/flow-run.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { isNumber, WrittenNumber } from '#shared/json/written-number.ts'

/** The inputs of a launch, parsed from the merged job variables of pool, deployment and run. */
export interface Job {
  /** Arguments, the program first; null when none is set (a Prefect flow then runs Prefect's own command). */
  command: string[] | null
  image: string | null
  env: Record<string, string>
  cpu: number | null
  memoryMib: number | null
  timeoutSeconds: number | null
}

export interface JobProblem {
  /** The job variable that can't be used. */
  variable: string
  msg: string
}

type Variables = Record<string, unknown>

/**
 * Merges job variables as Prefect's workers do: defaults of the pool's template, then the deployment's, then the run's;
 * `env` is merged key by key, everything else is replaced. A null default counts as none. An `env` that can't be merged
 * stays as it is, for `parseJob` to report.
 */
export function mergeJobVariables(baseJobTemplate: Variables, deployment: Variables, run: Variables): Variables {
  const properties = asRecord(asRecord(baseJobTemplate.variables).properties)
  const defaults = Object.entries(properties)
    .map(([name, schema]) => [name, asRecord(schema).default] as const)
    .filter(([, value]) => value !== undefined && value !== null)
  const layers: Variables[] = [Object.fromEntries(defaults), deployment, run]
  const merged: Variables = Object.fromEntries(layers.flatMap((layer) => Object.entries(layer)))
  const unusable = layers.map((layer) => layer.env).find((env) => env !== undefined && env !== null && !isRecord(env))
  const env = Object.fromEntries(layers.flatMap(envOf))
  if (unusable !== undefined) merged.env = unusable
  else if (Object.keys(env).length > 0) merged.env = env
  return merged
}

const DOTTED_ENV = 'env.'

/** A layer's environment. What is written as `env.NAME` counts too; the nested form wins (both as in Prefect). */
function envOf(layer: Variables): [string, unknown][] {
  const dotted = Object.entries(layer).filter(([name]) => name.startsWith(DOTTED_ENV))
  const named = dotted.map(([name, value]): [string, unknown] => [name.slice(DOTTED_ENV.length), value])
  return [...named, ...Object.entries(asRecord(layer.env))]
}

export const COMMAND_FORM = 'must be a command line, or a list of a program and its arguments'
const COMMAND_WORDS_MAX = 1000
const TIMEOUT_SECONDS = { min: 0.001, max: 14 * 24 * 3600 }

/** Reads the job variables that decide a launch; says which of them can't be used, and why. */
export function parseJob(variables: Variables): { job: Job; problems: JobProblem[] } {
  const problems: JobProblem[] = []
  const take = <T>(name: string, read: (value: unknown) => T | undefined, msg: string): T | null => {
    const value = variables[name]
    if (value === undefined || value === null || value === '') return null
    const result = read(value)
    if (result === undefined) problems.push({ variable: name, msg })
    return result ?? null
  }
  const job: Job = {
    command: take('command', parseCommand, COMMAND_FORM),
    image: take('image', (value) => (typeof value === 'string' ? value : undefined), 'must be a string'),
    env: take('env', parseEnv, 'must map names to strings, without NUL characters or "=" in a name') ?? {},
    cpu: take('cpu', positiveWhole, 'must be a positive whole number of CPU units (1024 is one vCPU)'),
    memoryMib: take('memory', positiveWhole, 'must be a positive whole number of MiB'),
    timeoutSeconds: take(
      'timeout_seconds',
      parseTimeout,
      `must be between ${TIMEOUT_SECONDS.min} and ${TIMEOUT_SECONDS.max} seconds`,
    ),
  }
  return { job, problems }
}

/** A string is split into words as a POSIX shell would, but nothing is expanded and no shell runs. Undefined if unusable. */
export function parseCommand(value: unknown): string[] | undefined {
  const words = typeof value === 'string' ? splitWords(value) : value
  if (!Array.isArray(words) || words.length === 0 || words.length > COMMAND_WORDS_MAX) return undefined
  const usable = words.every((word) => typeof word === 'string' && !word.includes('\0'))
  return usable && words[0] !== '' ? (words as string[]) : undefined
}

function splitWords(text: string): string[] | undefined {
  try {
    return split(text)
  } catch {
    return undefined
  }
}

/** Numbers and booleans become text, as environment variables are; null unsets a variable of a lower layer. */
function parseEnv(value: unknown): Record<string, string> | undefined {
  if (!isRecord(value)) return undefined
  const given = Object.entries(value).filter(([, each]) => each !== null)
  const usable = given.every(([name, each]) => {
    const plain = typeof each === 'string' || isNumber(each) || typeof each === 'boolean'
    return plain && name !== '' && !/[=\0]/.test(name) && !String(each).includes('\0')
  })
  return usable ? Object.fromEntries(given.map(([name, each]) => [name, String(each)])) : undefined
}

function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' || value instanceof WrittenNumber ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined
}

/** ECS takes no fractions. */
function positiveWhole(value: unknown): number | undefined {
  const number = positive(value)
  return Number.isSafeInteger(number) ? number : undefined
}

function parseTimeout(value: unknown): number | undefined {
  const seconds = positive(value)
  const { min, max } = TIMEOUT_SECONDS
  return seconds !== undefined && seconds >= min && seconds <= max ? seconds : undefined
}

function asRecord(value: unknown): Variables {
  return isRecord(value) ? value : {}
}

/** How the end of a job's task is read: a deployment's flow reports its own, any other command by its exit code. */
export function jobKindOf(entrypoint: string | null | undefined): JobKind {
  return entrypoint ? 'flow' : 'command'
}
