import { execFile } from 'node:child_process'

/**
 * The engine is driven through its command line and not its API: that is what knows of contexts, of engines behind ssh and
 * TLS, and of a registry's credential programs, Podman has one that understands the same, and a watcher without any of
 * our code in it can end a container with it.
 */
export interface DockerCli {
  program: string
  /** See cliEnvironment. */
  env: Record<string, string>
  /** Where relative paths of volumes start. */
  cwd: string
}

/** The engine, or its command line, refused. The message is what it said, without the words that were to be run. */
export class DockerRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DockerRefused'
  }
}

/**
 * What the command line, and Go's run time below it, read: https://docs.docker.com/reference/cli/docker/#environment-variables,
 * proxies, ssh and TLS.
 */
const READ_BY_CLI =
  /^(?:PATH|HOME|USER|LANG|LC_.*|TMPDIR|TERM|TZ|NO_COLOR|DOCKER_.*|BUILDKIT_.*|CONTAINER_.*|CONTAINERS_.*|XDG_.*|SSH_.*|SSL_CERT_.*|(?:HTTPS?|ALL|NO)_PROXY|OTEL_.*|LD_.*|DYLD_.*|GODEBUG|GO[A-Z]+|GRPC_.*)$/i

/** True for a variable that changes what the command line itself does. */
export function isReadByCli(name: string): boolean {
  return READ_BY_CLI.test(name)
}

/** The environment of the command line: DOCKER_HOST and the like of our own, and nothing that is secret. */
export function cliEnvironment(own: Record<string, string | undefined>): Record<string, string> {
  const read = Object.entries(own).filter(([name, value]) => value !== undefined && isReadByCli(name))
  return Object.fromEntries(read) as Record<string, string>
}

/** Runs one command to its end, and returns what it printed. Raises DockerRefused. */
export function runDocker(cli: DockerCli, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const options = { env: { ...cli.env, ...env }, cwd: cli.cwd, maxBuffer: 16 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    execFile(cli.program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim())
      else if (typeof error.code === 'string') reject(new DockerRefused(`${cli.program} can't be run: ${error.code}`))
      else reject(new DockerRefused(reasonOf(stderr)))
    })
  })
}

/** What went wrong, without the words around it. */
function reasonOf(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Error: failed to start containers'))
  return lines.join('\n').replace(/^Error response from daemon: /, '') || 'it said nothing'
}

/** True when the engine says that there is no such container. */
export function isGone(error: unknown): boolean {
  return error instanceof DockerRefused && /no such container|no container with name or id/i.test(error.message)
}

/** True when a container of this name exists already, by the words of Docker or Podman. */
export function isNameTaken(error: unknown): boolean {
  return error instanceof DockerRefused && /name .* is already in use/i.test(error.message)
}
