import { CannotStart } from '#shared/process/cannot-start.ts'
import { isReadByCli } from './docker-cli.ts'
import type { DockerJob, PullPolicy } from './docker-job.ts'

/** The claim that a container belongs to. */
export interface ContainerIdentity {
  runId: string
  generation: number
  life: string
  agent: string
}

export interface CreateOptions {
  /** From SIGTERM to SIGKILL, when others than we stop the container. */
  stopTimeoutSeconds: number
  /** Where the file will be that `envFile` is the text of. */
  envFilePath: string
  platform?: NodeJS.Platform
}

/** A call of the command line. */
export interface CreateCall {
  args: string[]
  /** Values of the container's variables, for the environment of the command line: no value shows in a list of processes. */
  env: Record<string, string>
  /** A file that the arguments name; null when none is needed. */
  envFile: string | null
}

/** The container's name: one for each generation of a run, so that a repeat can't start a second. */
export function containerName({ runId, generation }: ContainerIdentity): string {
  return `pushpool-${runId}-${generation}`
}

/** Labels by which a container is known to be of one claim. */
export function claimLabels({ runId, generation, life }: ContainerIdentity): Record<string, string> {
  return { 'io.pushpool.run-id': runId, 'io.pushpool.generation': String(generation), 'io.pushpool.life': life }
}

/**
 * The call that creates a job's container (https://docs.docker.com/reference/cli/docker/container/create/). `--rm` is not
 * among its flags: the exit code is read before the container goes. Raises CannotStart.
 */
export function createArguments(job: DockerJob, identity: ContainerIdentity, options: CreateOptions): CreateCall {
  const { env, envFile, envArgs } = environmentOf(job, options.envFilePath)
  const labels = { ...dockerLabels(job), ...claimLabels(identity), 'io.pushpool.agent': identity.agent }
  const flags: [flag: string, value: string | null][] = [
    ['--name', containerName(identity)],
    ['--pull', PULL[job.pullPolicy]],
    ['--stop-timeout', String(Math.ceil(options.stopTimeoutSeconds))],
    ...Object.entries(labels).map(([name, value]): [string, string] => ['--label', `${name}=${value}`]),
    ...envArgs,
    ['--network', networkOf(job, options.platform ?? process.platform)],
    ...extraHosts(job, options.platform ?? process.platform),
    ...job.volumes.map((volume): [string, string] => ['--volume', volume]),
    ['--memory', job.memory],
    ['--memory-swap', job.memorySwap],
  ]
  const args = flags.flatMap(([flag, value]) => (value === null ? [] : [flag, value]))
  const switches = ['--quiet', ...(job.privileged ? ['--privileged'] : [])]
  // After the dashes nothing is a flag, whatever it looks like.
  return { args: ['create', ...switches, ...args, '--', job.image, ...(job.command ?? [])], env, envFile }
}

const PULL: Record<PullPolicy, string> = {
  Always: 'always',
  IfPossible: 'always',
  IfNotPresent: 'missing',
  Never: 'never',
}

/**
 * A variable is named, and its value taken from the environment of the command line. One that would change what the
 * command line does, such as PATH or DOCKER_HOST, goes through a file instead.
 */
function environmentOf({ env }: DockerJob, envFilePath: string) {
  const names = Object.keys(env)
  const inFile = names.filter(isReadByCli)
  // A line of such a file is a variable, and one that starts so is a comment.
  const unwritable = inFile.find((name) => /[\r\n]/.test(env[name] ?? ''))
  if (unwritable !== undefined) throw new CannotStart(`env: the value of ${unwritable} must be a single line`)
  const byName = names.filter((name) => !inFile.includes(name))
  const envArgs = byName.map((name): [string, string] => ['--env', name])
  return {
    env: Object.fromEntries(byName.map((name) => [name, env[name] ?? ''])),
    envFile: inFile.length === 0 ? null : inFile.map((name) => `${name}=${env[name]}\n`).join(''),
    envArgs: inFile.length === 0 ? envArgs : [['--env-file', envFilePath] as [string, string], ...envArgs],
  }
}

/** As Prefect writes them: `prefect.io/flow-run-id` is `io.prefect.flow-run-id` (_convert_labels_to_docker_format). */
function dockerLabels({ labels, name }: DockerJob): Record<string, string> {
  const converted = Object.entries(labels).map(([label, value]) => {
    const slash = label.indexOf('/')
    if (slash < 0) return [label, value]
    return [`${label.slice(0, slash).split('.').toReversed().join('.')}.${label.slice(slash + 1)}`, value]
  })
  return {
    ...(Object.fromEntries(converted) as Record<string, string>),
    ...(name !== null && { 'io.pushpool.name': name }),
  }
}

/** The first network; a container is connected to the others once it exists. An API on this host needs the host's. */
function networkOf({ networks, networkMode, env }: DockerJob, platform: NodeJS.Platform): string | null {
  if (networkMode !== null) return networkMode
  if (networks[0] !== undefined) return networks[0]
  return platform === 'linux' && isLocal(env.PREFECT_API_URL) ? 'host' : null
}

/** `host.docker.internal` is known by itself on Docker Desktop only (prefect-docker's get_extra_hosts). */
function extraHosts({ env }: DockerJob, platform: NodeJS.Platform): [string, string][] {
  const url = env.PREFECT_API_URL
  const wanted = platform === 'linux' && (url === undefined || isLocal(url) || url.includes('host.docker.internal'))
  return wanted ? [['--add-host', 'host.docker.internal:host-gateway']] : []
}

function isLocal(url: string | undefined): boolean {
  const host = url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined
  return host === 'localhost' || host === '127.0.0.1'
}
