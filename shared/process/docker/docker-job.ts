import { split } from 'shlex'
import { isRecord } from '#shared/json/is-record.ts'
import { isNumber } from '#shared/json/written-number.ts'
import { CannotStart } from '#shared/process/cannot-start.ts'

export type PullPolicy = 'Always' | 'IfNotPresent' | 'IfPossible' | 'Never'

/** What a container is made of. */
export interface DockerJob {
  image: string
  /** Null: what the image runs by itself. */
  command: readonly string[] | null
  env: Record<string, string>
  labels: Record<string, string>
  /** A name for people; the container itself has a name of ours. */
  name: string | null
  networks: readonly string[]
  networkMode: string | null
  autoRemove: boolean
  pullPolicy: PullPolicy
  volumes: readonly string[]
  memory: string | null
  memorySwap: string | null
  privileged: boolean
  streamOutput: boolean
}

type Configuration = Record<string, unknown>

/**
 * Reads the resolved job configuration of a Prefect docker pool (DockerWorkerJobConfiguration in prefect-docker's
 * worker.py). Members that it does not know are ignored, null counts as absent. Raises CannotStart naming the member.
 */
export function readDockerJob(configuration: Configuration): DockerJob {
  const text = (member: string) => take(configuration, member, asText, 'a text')
  const flag = (member: string) => take(configuration, member, asFlag, 'true or false')
  const texts = (member: string) => take(configuration, member, asTexts, 'a list of texts') ?? []
  const pairs = (member: string) => take(configuration, member, asPairs, 'names with texts as values') ?? {}
  const image = text('image')
  if (image === null || image === '') throw new CannotStart('image: is needed to start a container')
  const job: DockerJob = {
    image,
    command: take(configuration, 'command', asCommand, 'a command line, or a list of a program and its arguments'),
    env: pairs('env'),
    labels: pairs('labels'),
    name: text('name'),
    networks: texts('networks'),
    networkMode: text('network_mode') || null,
    autoRemove: flag('auto_remove') ?? false,
    pullPolicy: take(configuration, 'image_pull_policy', asPolicy, POLICIES.join(', ')) ?? defaultPolicy(image),
    volumes: texts('volumes'),
    memory: text('mem_limit') || null,
    memorySwap: text('memswap_limit') || null,
    privileged: flag('privileged') ?? false,
    streamOutput: flag('stream_output') ?? true,
  }
  if (job.networks.length > 0 && job.networkMode !== null) {
    throw new CannotStart("network_mode: can't be set together with networks")
  }
  return job
}

const POLICIES: readonly string[] = ['Always', 'IfNotPresent', 'IfPossible', 'Never'] satisfies PullPolicy[]

/** As Kubernetes does: https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting */
function defaultPolicy(image: string): PullPolicy {
  if (image.includes('@')) return 'IfNotPresent'
  const lastPart = image.slice(image.lastIndexOf('/') + 1)
  const [, tag = 'latest'] = lastPart.split(':')
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function take<T>(
  configuration: Configuration,
  member: string,
  read: (value: unknown) => T | undefined,
  form: string,
): T | null {
  const value = configuration[member] ?? null
  if (value === null) return null
  const result = read(value)
  if (result === undefined) throw new CannotStart(`${member}: must be ${form}`)
  return result
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'boolean' || isNumber(value) ? String(value) : undefined
}

function asFlag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

function asTexts(value: unknown): string[] | undefined {
  const texts = Array.isArray(value) ? value.map(asText) : [undefined]
  return texts.includes(undefined) ? undefined : (texts as string[])
}

/** A null value counts as absent, as with Prefect. */
function asPairs(value: unknown): Record<string, string> | undefined {
  if (!isRecord(value)) return undefined
  const pairs = Object.entries(value).filter(([, each]) => each !== null)
  const read = pairs.map(([name, each]) => [name, asText(each)] as const)
  const unusable = read.some(([name, each]) => each === undefined || !/^[^=\0]+$/.test(name) || each.includes('\0'))
  return unusable ? undefined : (Object.fromEntries(read) as Record<string, string>)
}

function asCommand(value: unknown): string[] | undefined {
  if (typeof value !== 'string') return asTexts(value)
  try {
    return split(value)
  } catch {
    return undefined
  }
}

function asPolicy(value: unknown): PullPolicy | undefined {
  return typeof value === 'string' && POLICIES.includes(value) ? (value as PullPolicy) : undefined
}
