import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hostSeconds } from '#shared/process/host-clock.ts'

/** The command of a run that lives until it may end: it notes that it does, on the host's clock, and logs it by itself. */
const BEAT_MS = 200
const [folder = ''] = process.argv.slice(2)
const { PUSHPOOL_API_URL: url, PUSHPOOL_RUN_ID: run = '', PUSHPOOL_GENERATION: generation = '' } = process.env

function log(message: string): void {
  const line = { name: 'child', level: 20, message, timestamp: new Date().toISOString(), flow_run_id: run }
  const headers = { 'content-type': 'application/json', 'x-pushpool-generation': generation }
  void fetch(`${url}/logs/`, { method: 'POST', headers, body: JSON.stringify([line]) }).catch(() => {})
}

while (!existsSync(join(folder, `${run}.gate`))) {
  const beat = `${hostSeconds()} ${process.pid} ${generation}`
  appendFileSync(join(folder, run), `${beat}\n`)
  console.log(beat)
  log(beat)
  await sleep(BEAT_MS)
}
