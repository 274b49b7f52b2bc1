import { VERSION } from '#shared/version.ts'
import { createLog } from './log.ts'
import { type Options, parseOptions, USAGE } from './options.ts'
import { type Service, type ServiceOptions, startService } from './service.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_INTERRUPTED = 130

const options = optionsOrExit()
if (options.help) process.stdout.write(USAGE)
else await run(options)

function optionsOrExit(): Options {
  try {
    return parseOptions(process.argv.slice(2), process.env)
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}`)
    process.exit(EXIT_USAGE)
  }
}

async function run({ logFormat, ...rest }: Options): Promise<void> {
  const log = createLog(logFormat, (line) => void process.stderr.write(line))
  // Heard from the start on: a service that is interrupted while it starts must stop its engine too.
  const asked = untilAskedToStop()
  const service = await startOrExit({ ...rest, log })
  const { url, dataDir } = service
  process.stdout.write(`pushpool ${VERSION} on ${url}, data in ${dataDir}. First call: curl ${url}/api/health\n`)
  const lost = service.engineLost.then(() => {
    log.error('the DynamoDB engine ended by itself; nothing works without it')
    return EXIT_FAILED
  })
  const exitCode = await Promise.race([asked, lost])
  await service.stop()
  process.exit(exitCode)
}

/** The exit code, as soon as a signal asks for an end. Whoever asks twice does not want to wait. */
function untilAskedToStop(): Promise<number> {
  return new Promise((resolve) => {
    let asked = false
    const onSignal = () => {
      if (asked) process.exit(EXIT_INTERRUPTED)
      asked = true
      resolve(0)
    }
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  })
}

async function startOrExit(options: ServiceOptions): Promise<Service> {
  try {
    return await startService(options)
  } catch (error) {
    process.stderr.write(`pushpool did not start. ${messageOf(error)}\n`)
    process.exit(EXIT_FAILED)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
