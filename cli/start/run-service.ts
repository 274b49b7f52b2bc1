import { VERSION } from '#shared/version.ts'
import { createLog } from '../../local/log.ts'
import { type Service, type ServiceOptions, startService } from '../../local/service.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { StartOptions } from './start-options.ts'

/**
 * Runs the service in this process until a signal stops it; returns the exit code. Throws a sentence for people when it
 * does not start.
 */
export async function runService({ logFormat, ...rest }: StartOptions): Promise<number> {
  const log = createLog(logFormat, (line) => void process.stderr.write(line))
  // Signals count from the start: a service that is interrupted while it starts must stop its engine too.
  const stopped = untilStopped()
  const service = await startOrThrow({ ...rest, log })
  const { url, dataDir } = service
  process.stdout.write(`pushpool ${VERSION} on ${url}, data in ${dataDir}. First call: curl ${url}/api/health\n`)
  const lost = service.engineLost.then(() => {
    log.error('the DynamoDB engine exited; the service cannot run without it')
    return EXIT_CODE.failed
  })
  const exitCode = await Promise.race([stopped, lost])
  await service.stop()
  // A client's idle connection must not keep a stopped service alive.
  process.exit(exitCode)
}

/** The exit code, as soon as a signal requests the end; a second signal ends it without waiting. */
function untilStopped(): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false
    const onSignal = () => {
      if (stopping) process.exit(EXIT_CODE.interrupted)
      stopping = true
      resolve(EXIT_CODE.done)
    }
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  })
}

async function startOrThrow(options: ServiceOptions): Promise<Service> {
  try {
    return await startService(options)
  } catch (error) {
    throw new Error(`pushpool did not start. ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
