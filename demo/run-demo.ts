import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from '#shared/client/create-client.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { createLog } from '../local/log.ts'
import { startService } from '../local/service.ts'
import { Files } from './files.ts'
import { play } from './play.ts'
import { LiveTable } from './show/live-table.ts'
import { PlainLines } from './show/plain-lines.ts'
import type { Sent } from './stage.ts'
import { cancel } from './watch.ts'

const EXIT_FAILED = 1
const EXIT_INTERRUPTED = 130
/** Some ten times what it takes. */
const PLAY_MS_MAX = 120_000
const CLEAN_UP_MS_MAX = 5_000
const STOP_TIMEOUT_SECONDS = 2

/** Plays the demo in a folder of its own, stops all that it started, and returns the exit code. */
export async function runDemo(): Promise<number> {
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const folder = mkdtempSync(join(tmpdir(), 'pushpool-demo-'))
  try {
    return await playIn(folder, interrupted.signal)
  } catch (error) {
    if (interrupted.signal.aborted) {
      process.stdout.write('\nInterrupted; everything that ran has been stopped.\n')
      return EXIT_INTERRUPTED
    }
    const late = error instanceof Error && error.name === 'TimeoutError'
    process.stdout.write(`\nFAILED: ${late ? `not done after ${PLAY_MS_MAX / 1000} s` : String(error)}\n`)
    return EXIT_FAILED
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

async function playIn(folder: string, interrupted: AbortSignal): Promise<number> {
  const files = new Files(folder)
  const complaints: string[] = []
  const log = createLog('text', (line) => void (/^\S+ (warn|error)/.test(line) && complaints.push(line.trim())))
  const dataDir = join(folder, 'data')
  const options = { dataDir, port: 0, log, cwd: files.repository, stopTimeoutSeconds: STOP_TIMEOUT_SECONDS }
  const service = await startService(options)
  const view = LiveTable.fits() ? new LiveTable() : new PlainLines()
  const client = createClient({ url: service.url })
  const sent: Sent[] = []
  try {
    process.stdout.write(`pushpool on ${service.url}: real commands, over a copy of pushpool's own files\n\n`)
    const signal = AbortSignal.any([interrupted, AbortSignal.timeout(PLAY_MS_MAX)])
    const { summary, checks } = await play({ client, files, view, sent, complaints, signal })
    const failed = checks.filter(({ problems }) => problems.length > 0)
    const verdict = failed.length === 0 ? 'All checks passed.' : `FAILED: ${failed.length} of ${checks.length} checks.`
    process.stdout.write(`${summary}\n${verdict}\n`)
    return failed.length === 0 ? 0 : EXIT_FAILED
  } finally {
    view.end()
    await stopRuns(client, sent)
    await service.stop()
  }
}

/** Stops what still runs: tasks outlive the service that started them. */
async function stopRuns(client: Client, sent: readonly Sent[]): Promise<void> {
  const deadline = Date.now() + CLEAN_UP_MS_MAX
  const left = new Set(sent.map(({ runId }) => runId))
  while (left.size > 0 && Date.now() < deadline) {
    for (const runId of left) {
      const run = await client.getFlowRun({ id: runId })
      if (isTerminal(run.state_type)) left.delete(runId)
      else if (run.state_type !== 'CANCELLING') await cancel(client, runId)
    }
    if (left.size > 0) await sleep(50)
  }
}
