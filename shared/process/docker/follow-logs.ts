import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DockerCli } from './docker-cli.ts'

const RETRY_MS = { first: 500, max: 30_000 }
/** How long the last lines may take once the container has ended. */
const LAST_MS = 10_000

/**
 * Writes a container's output to a file while it comes, both streams (https://docs.docker.com/reference/cli/docker/container/logs/).
 * When the connection breaks all of it is read again, into the same file. Resolves when it is complete.
 */
export async function followLogs(
  cli: DockerCli,
  { name, outputFile, ended }: { name: string; outputFile: string; ended: Promise<unknown> },
): Promise<void> {
  const end = { reached: false }
  const over = ended.then(() => {
    end.reached = true
  })
  for (let retryMs = RETRY_MS.first; ; retryMs = Math.min(2 * retryMs, RETRY_MS.max)) {
    const reading = read(cli, name, outputFile)
    const complete = await Promise.race([reading.complete, over.then(() => sleep(LAST_MS, false, { ref: false }))])
    reading.stop()
    if (complete || end.reached) return
    await Promise.race([over, sleep(retryMs)])
  }
}

function read({ program, env, cwd }: DockerCli, name: string, outputFile: string) {
  const file = openSync(outputFile, 'w')
  try {
    const logs = spawn(program, ['logs', '--follow', name], { env, cwd, stdio: ['ignore', file, file] })
    const complete = new Promise<boolean>((resolve) => {
      logs.once('error', () => resolve(false))
      logs.once('exit', (code) => resolve(code === 0))
    })
    return { complete, stop: () => void logs.kill('SIGKILL') }
  } finally {
    closeSync(file)
  }
}
