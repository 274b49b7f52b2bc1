import { once } from 'node:events'
import { join } from 'node:path'
import { createClient } from '#shared/client/create-client.ts'
import type { Log } from '#shared/deps.ts'
import { VERSION } from '#shared/version.ts'
import type { AgentOptions } from '../../agent/agent-options.ts'
import type { Agent } from '../../agent/agent-status.ts'
import { AGENT_EXIT } from '../../agent/exit-code.ts'
import { serveHealth } from '../../agent/health/serve-health.ts'
import { startAgent } from '../../agent/start-agent.ts'
import type { CliContext } from '../command.ts'
import { CliError, EXIT_CODE } from '../exit-code.ts'
import { explained } from './api-client.ts'
import { type Identity, stateFolder, takeIdentity } from './identity.ts'
import { logLines } from './log-lines.ts'
import { configureOutbound } from './outbound.ts'
import { type SoughtWork, seekWork } from './seek-work.ts'
import { type AgentService, findService } from './service.ts'
import type { AgentSettings } from './settings.ts'
import { Signals } from './signals.ts'
import { banner, connectionLine, startedLine } from './welcome.ts'

/** Runs an agent in this process until it ends; returns its exit code. Throws a sentence for people when it can't start. */
export async function runAgent(settings: AgentSettings, { env, out, err }: CliContext): Promise<number> {
  const { logFormat: format } = settings
  const log = logLines({ format, logger: 'pushpool.agent', write: err })
  // Signals count from the start, so that none is lost while a service or the API is waited for.
  const signals = new Signals((sentence) => log.info(sentence))
  const serviceLog = logLines({ format, logger: 'pushpool.service', write: err })
  const greet = greeterOf(settings, { out, log })
  if (settings.apiUrl !== undefined) for (const each of configureOutbound(settings.apiUrl, env)) log.info(each)
  const service = await findService(settings.apiUrl, { env, log: serviceLog })
  try {
    greet.connecting(service.shownUrl)
    const work = await sought(settings, service, log)
    const identity = takeIdentity(stateFolder(settings.stateDir, env), settings.name)
    greet.started(work)
    const agent = startAgent(optionsOf({ settings, service, work, identity, env }), { log })
    signals.bind(agent)
    void service.lost.then(() => {
      log.error('The engine of the service in this process exited; the agent ends.')
      agent.endNow()
    })
    return await untilDone(agent, { settings, identity, log })
  } finally {
    await service.stop()
  }
}

/** The end of a process in which an agent ran: idle connections would keep it alive for a while. */
export async function leave(exitCode: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), once(stream, 'close')])
  }
  process.exit(exitCode)
}

/** What to do about an end that was not asked for. */
const ADVICE: Partial<Record<number, string>> = {
  [AGENT_EXIT.poolNotFound]: 'Name a work pool that exists with --pool; agents create queues, but no pools.',
  [AGENT_EXIT.keyRefused]: 'Set PUSHPOOL_API_KEY, or --api-key-file, to a valid key of scope work.',
  [AGENT_EXIT.takenOver]: 'Give each agent a folder of its own with --state-dir, or another name with --name.',
}

interface Ends {
  settings: AgentSettings
  identity: Identity
  log: Log
}

async function untilDone(agent: Agent, { settings, identity, log }: Ends): Promise<number> {
  try {
    const health = await openHealth(agent, settings, identity)
    if (health) log.info(`Health and metrics are served at ${health.url}.`)
    const exitCode = await agent.done
    health?.close()
    const advice = ADVICE[exitCode]
    if (advice !== undefined) log.info(advice)
    return exitCode
  } catch (error) {
    agent.endNow()
    await agent.done
    throw error
  } finally {
    identity.release()
  }
}

async function openHealth(agent: Agent, { healthAddress }: AgentSettings, { name }: Identity) {
  if (!healthAddress) return undefined
  const { host, port } = healthAddress
  try {
    return await serveHealth({ host, port, agent: { name, version: VERSION }, status: () => agent.status() })
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    const message = `The health checks can't be served at ${host}:${port} (${code}); choose another --health-addr.`
    throw new CliError(EXIT_CODE.failed, message, { cause: error })
  }
}

async function sought({ work, readApiKey }: AgentSettings, { apiUrl }: AgentService, log: Log): Promise<SoughtWork> {
  try {
    const client = createClient({ url: apiUrl, apiKey: readApiKey(), keepAlive: false })
    return await seekWork(work, client, (sentence) => log.warn(sentence))
  } catch (error) {
    throw explained(error)
  }
}

interface Parts {
  settings: AgentSettings
  service: AgentService
  work: SoughtWork
  identity: Identity
  env: CliContext['env']
}

function optionsOf({ settings, service, work, identity, env }: Parts): AgentOptions {
  const { id, name, host, folder } = identity
  const { order, limit, cpu, memory, flowLimits, prefetchSeconds, leaseSeconds, readApiKey } = settings
  const { runOnce, exitWhenIdleSeconds, drainTimeoutSeconds, killGraceSeconds, keepFailed } = settings
  return {
    id,
    name,
    host,
    version: VERSION,
    ...work,
    order,
    limit,
    cpu,
    memory,
    flowLimits,
    prefetchSeconds,
    leaseSeconds,
    runOnce,
    exitWhenIdleSeconds,
    drainTimeoutSeconds,
    killGraceSeconds,
    workDir: settings.workDir ?? join(folder, 'runs'),
    keepFailed,
    watcherProgram: [process.execPath, process.argv[1] ?? '', 'agent', 'watch-children'],
    env,
    apiUrl: service.apiUrl,
    readApiKey,
  }
}

/** Greets people; logs that programs read have the same sentences, and no banner. */
function greeterOf(
  { hideWelcome, logFormat, work }: AgentSettings,
  { out, log }: { out: CliContext['out']; log: Log },
) {
  const say = (line: string) => {
    if (hideWelcome) return
    if (logFormat === 'json') log.info(line)
    else out(`${line}\n`)
  }
  return {
    connecting: (url: string | undefined) => say(connectionLine(url)),
    started: ({ queues = [] }: SoughtWork) => {
      if (logFormat === 'text') say(banner())
      say(startedLine(work, queues))
    },
  }
}
