import { resolve } from 'node:path'
import { SESSION_LEASE_SECONDS } from '#shared/bounds.ts'
import { parseDuration } from '../duration.ts'
import { UsageError } from '../usage-error.ts'
import { parseCount, parseCpu, parseFlowLimit, parseMemory, parseSeconds } from './amounts.ts'
import { apiKeyReader, parseApiUrl, type ReadApiKey } from './api-place.ts'
import { type ListenAddress, parseListenAddress } from './listen-address.ts'
import type { AgentValues } from './start-values.ts'
import { assertNames, parseWork, type Work } from './work.ts'

/** What an agent was told to do, before it knows which service it calls, and who it is. */
export interface AgentSettings {
  work: Work
  apiUrl: string | undefined
  readApiKey: ReadApiKey
  order: 'strict' | 'fair'
  limit: number | null
  flowLimits: { each?: number; byFlow: Record<string, number> }
  cpu: number | null
  memory: number | null
  prefetchSeconds: number
  leaseSeconds: number
  runOnce: boolean
  exitWhenIdleSeconds: number | null
  drainTimeoutSeconds: number | null
  killGraceSeconds: number
  /** Undefined: beside its identity. */
  workDir: string | undefined
  keepFailed: boolean
  name: string | undefined
  stateDir: string | undefined
  healthAddress: ListenAddress | undefined
  logFormat: 'text' | 'json'
  hideWelcome: boolean
}

type Env = Record<string, string | undefined>

/** So long before a run is due Prefect's agent prefetched it when it came out; of later ones its setting counts. */
const PREFETCH_SECONDS = { min: 0, usual: '10', max: 3_600 }
const KILL_GRACE = '10s'

/** Falls back to the environment. Throws UsageError. */
export function parseAgentSettings(values: AgentValues, queue: string | undefined, env: Env): AgentSettings {
  const { limit, cpu, memory, leaseSeconds, exitWhenIdle, drainTimeout, killGrace, workDir, name } = values
  assertNames('--name', name === undefined ? [] : [name])
  return {
    work: parseWork(values, queue),
    apiUrl: parseApiUrl(values.api, env),
    readApiKey: apiKeyReader(values.apiKeyFile, env),
    order: oneOf('--order', values.order ?? 'strict', ['strict', 'fair']),
    limit: limit === undefined ? null : parseCount('--limit', limit),
    flowLimits: parseFlowLimits(values),
    cpu: cpu === undefined ? null : parseCpu(cpu),
    memory: memory === undefined ? null : parseMemory(memory),
    prefetchSeconds: parsePrefetch(values.prefetchSeconds, env),
    leaseSeconds: parseLease(leaseSeconds ?? String(SESSION_LEASE_SECONDS.usual)),
    runOnce: values.runOnce ?? false,
    exitWhenIdleSeconds: exitWhenIdle === undefined ? null : parseDuration('--exit-when-idle', exitWhenIdle),
    drainTimeoutSeconds: drainTimeout === undefined ? null : parseDuration('--drain-timeout', drainTimeout),
    killGraceSeconds: parseDuration('--kill-grace', killGrace ?? KILL_GRACE),
    workDir: workDir === undefined ? undefined : resolve(workDir),
    keepFailed: values.keepFailed ?? false,
    name,
    stateDir: values.stateDir ?? (env.PUSHPOOL_STATE_DIR || undefined),
    healthAddress: parseHealthAddress(values.healthAddr, env),
    logFormat: oneOf('--log-format', values.logFormat ?? 'text', ['text', 'json']),
    hideWelcome: values.hideWelcome ?? false,
  }
}

function parseHealthAddress(given: string | undefined, env: Env): ListenAddress | undefined {
  const text = given ?? (env.PUSHPOOL_AGENT_HEALTH_ADDR || undefined)
  return text === undefined ? undefined : parseListenAddress('--health-addr', text)
}

function parseFlowLimits({ limitPerFlow, flowLimit = [] }: AgentValues): AgentSettings['flowLimits'] {
  const byFlow = Object.fromEntries(flowLimit.map(parseFlowLimit))
  return limitPerFlow === undefined ? { byFlow } : { each: parseCount('--limit-per-flow', limitPerFlow), byFlow }
}

/** In Prefect's agent 0 means the setting's value; here it is 0. */
function parsePrefetch(given: string | undefined, env: Env): number {
  const names = ['PUSHPOOL_AGENT_PREFETCH_SECONDS', 'PREFECT_AGENT_PREFETCH_SECONDS']
  const name = given === undefined ? names.find((each) => env[each]) : undefined
  const text = given ?? (name ? env[name] : undefined) ?? PREFETCH_SECONDS.usual
  return parseSeconds(name ?? '--prefetch-seconds', text, PREFETCH_SECONDS)
}

function parseLease(text: string): number {
  const seconds = parseSeconds('--lease-seconds', text, SESSION_LEASE_SECONDS)
  if (!Number.isInteger(seconds)) throw new UsageError(`Invalid --lease-seconds '${text}' (whole seconds).`)
  return seconds
}

function oneOf<Word extends string>(option: string, text: string, words: readonly [Word, ...Word[]]): Word {
  const known = words.find((word) => word === text)
  if (known === undefined) throw new UsageError(`Invalid ${option} '${text}' (${words.join(' or ')}).`)
  return known
}
