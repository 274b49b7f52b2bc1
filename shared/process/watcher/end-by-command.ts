import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

const TRY_SECONDS = 10
const TRIES_MAX = 10
const RETRY_MS = 500
/** What Docker's and Podman's command lines say of a container that is not there. */
const GONE = /no such container|no container with name or id/i

/** Repeats a command until it succeeds, or says that there is nothing to end. False when it does not get that far. */
export async function endByCommand([program = '', ...args]: readonly string[]): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    if (await succeeds(program, args)) return true
    if (tries === TRIES_MAX) return false
    await sleep(RETRY_MS)
  }
}

function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  const options = { timeout: TRY_SECONDS * 1000, killSignal: 'SIGKILL' as const }
  return new Promise((resolve) => {
    execFile(program, args, options, (error, _stdout, stderr) => resolve(error === null || GONE.test(stderr)))
  })
}
