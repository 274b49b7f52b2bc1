import { appendFileSync } from 'node:fs'
import { createLog } from '../../local/log.ts'
import { startService } from '../../local/service.ts'

/** A service to be killed: `serve.ts <data folder> <log file>`. It ticks each second and prints its URL when it is up. */
const [dataDir = '', logFile = ''] = process.argv.slice(2)
const log = createLog('json', (line) => appendFileSync(logFile, line))
const service = await startService({ dataDir, port: 0, log, tickSeconds: 1 })
process.on('SIGTERM', () => void service.stop().then(() => process.exit(0)))
process.stdout.write(`${service.url}\n`)
