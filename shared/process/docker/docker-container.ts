import { rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { CannotStart } from '#shared/process/cannot-start.ts'
import type { TreeEnd } from '#shared/process/process-tree.ts'
import type { ChildWatcher } from '#shared/process/watcher/child-watcher.ts'
import { type ContainerIdentity, claimLabels, containerName, createArguments } from './create-arguments.ts'
import { type DockerCli, DockerRefused, isGone, isNameTaken, runDocker } from './docker-cli.ts'
import type { DockerJob } from './docker-job.ts'
import { followLogs } from './follow-logs.ts'

export interface ContainerRequest {
  job: DockerJob
  identity: ContainerIdentity
  cli: DockerCli
  /** Takes the container's output, both streams; overwritten. Nothing is written when the job does not stream it. */
  outputFile: string
  /** From SIGTERM to SIGKILL, when others than we stop the container. */
  stopTimeoutSeconds: number
}

const RETRY_MS = { first: 200, max: 10_000 }

/**
 * Starts a container under a watcher, which knows it by its name: it is created, watched, and started. One that this claim
 * created before is taken over, whatever has become of it, and is never started twice. Raises CannotStart, and NotWatched
 * of the watcher; then there is no container.
 */
export async function startContainer(
  request: ContainerRequest,
  watcher: Pick<ChildWatcher, 'watch' | 'forget'>,
): Promise<DockerContainer> {
  const { cli, identity, job } = request
  const name = containerName(identity)
  const isNew = await create(request)
  try {
    // Removed, and not only killed: a container that is not there can't be started by one who wakes up too late.
    await watcher.watch({ id: name, command: [cli.program, 'rm', '--force', '--volumes', name] })
    if (isNew) {
      for (const network of job.networks.slice(1)) await connect(cli, network, name)
      await runDocker(cli, ['start', name])
    }
  } catch (error) {
    // While it may run after all it stays watched.
    if (await removeAtLast(cli, name)) watcher.forget(name)
    throw error instanceof DockerRefused ? new CannotStart(error.message) : error
  }
  return new DockerContainer(request, () => watcher.forget(name))
}

/** A container that was started. */
export class DockerContainer {
  readonly name: string
  /** Settles when the container has ended, and its output is complete. */
  readonly ended: Promise<TreeEnd>
  readonly #cli: DockerCli
  #isOver = false

  constructor(request: ContainerRequest, forget: () => void) {
    this.name = containerName(request.identity)
    this.#cli = request.cli
    this.ended = this.#follow(request).finally(() => {
      this.#isOver = true
      forget()
    })
  }

  /** Asks the container to end, and has it killed after the grace. Resolves when it has ended. */
  async stop(graceSeconds: number): Promise<void> {
    for (let retryMs = RETRY_MS.first; !this.#isOver; retryMs = Math.min(2 * retryMs, RETRY_MS.max)) {
      try {
        // https://docs.docker.com/reference/cli/docker/container/stop/: SIGTERM, "and after a grace period, SIGKILL".
        await runDocker(this.#cli, ['stop', '-t', String(Math.ceil(graceSeconds)), this.name])
        break
      } catch (error) {
        if (isGone(error)) break
        await Promise.race([this.ended, sleep(retryMs)])
      }
    }
    await this.ended
  }

  /** Removes the container, running or not. */
  remove(): Promise<void> {
    return remove(this.#cli, this.name)
  }

  async #follow({ cli, job, outputFile }: ContainerRequest): Promise<TreeEnd> {
    const code = exitCode(cli, this.name)
    const logs = { name: this.name, outputFile, ended: code }
    // Without its output a container still has an end.
    if (job.streamOutput) await followLogs(cli, logs).catch(() => {})
    const end = await code
    if (job.autoRemove) await this.remove().catch(() => {})
    return end === undefined ? { kind: 'killed' } : { kind: 'exited', code: end }
  }
}

/** Creates the container; false when it was there already, and has been started. */
async function create(request: ContainerRequest): Promise<boolean> {
  const { job, cli, identity } = request
  try {
    await createOnce(request)
    return true
  } catch (error) {
    if (isNameTaken(error)) return (await stateOfOwn(cli, identity)) === 'created'
    if (!(error instanceof DockerRefused)) throw error
    if (job.pullPolicy !== 'IfPossible') throw new CannotStart(error.message)
    return create({ ...request, job: { ...job, pullPolicy: 'Never' } })
  }
}

async function createOnce({ job, identity, cli, outputFile, stopTimeoutSeconds }: ContainerRequest): Promise<void> {
  const envFilePath = `${outputFile}.env`
  const { args, env, envFile } = createArguments(job, identity, { stopTimeoutSeconds, envFilePath })
  try {
    if (envFile !== null) writeFileSync(envFilePath, envFile, { mode: 0o600 })
    await runDocker(cli, args, env)
  } finally {
    rmSync(envFilePath, { force: true })
  }
}

/** The state of this claim's container, by its labels. Raises CannotStart when the container is another's. */
async function stateOfOwn(cli: DockerCli, identity: ContainerIdentity): Promise<string> {
  const name = containerName(identity)
  const text = await runDocker(cli, ['inspect', '--type', 'container', name])
  const [found] = JSON.parse(text) as { State: { Status: string }; Config: { Labels: Record<string, string> | null } }[]
  const labels = found?.Config.Labels ?? {}
  const isOwn = Object.entries(claimLabels(identity)).every(([label, value]) => labels[label] === value)
  if (found === undefined || !isOwn) throw new CannotStart(`a container ${name} exists that is not of this claim`)
  return found.State.Status
}

async function connect(cli: DockerCli, network: string, name: string): Promise<void> {
  try {
    await runDocker(cli, ['network', 'connect', network, name])
  } catch (error) {
    // As far as one got who created the container before.
    if (!(error instanceof DockerRefused && /already exists in network/.test(error.message))) throw error
  }
}

/** Waits for the exit code, across restarts of the engine; undefined when the container is gone without one. */
async function exitCode(cli: DockerCli, name: string): Promise<number | undefined> {
  for (let retryMs = RETRY_MS.first; ; retryMs = Math.min(2 * retryMs, RETRY_MS.max)) {
    try {
      const code = await runDocker(cli, ['wait', name])
      if (/^\d+$/.test(code)) return Number(code)
    } catch (error) {
      if (isGone(error)) return undefined
    }
    await sleep(retryMs)
  }
}

/** False when that can't be done for long enough. */
async function removeAtLast(cli: DockerCli, name: string): Promise<boolean> {
  for (let retryMs = RETRY_MS.first; retryMs <= RETRY_MS.max; retryMs *= 2) {
    try {
      await remove(cli, name)
      return true
    } catch {
      await sleep(retryMs)
    }
  }
  return false
}

async function remove(cli: DockerCli, name: string): Promise<void> {
  try {
    await runDocker(cli, ['rm', '--force', '--volumes', name])
  } catch (error) {
    if (!isGone(error)) throw error
  }
}
