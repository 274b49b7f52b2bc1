import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { AgentOptions } from '../../../agent/agent-options.ts'
import type { Agent } from '../../../agent/agent-status.ts'
import { startAgent } from '../../../agent/start-agent.ts'
import { WATCHER_PROGRAM } from '../../process/support/agent-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { Place } from './place.ts'

/** An agent in this process, and what it has said. */
export interface TestAgent extends Agent {
  said: string[]
  options: AgentOptions
}

/** What a test's agent of a pool is told, unless the test tells otherwise. */
export function testOptions(place: Pick<Place, 'url' | 'pool'>, given: Partial<AgentOptions> = {}): AgentOptions {
  return {
    id: randomUUID(),
    name: 'a',
    host: 'host-1',
    version: '0',
    poolName: place.pool,
    queues: ['work'],
    match: [],
    order: 'strict',
    limit: 3,
    cpu: null,
    memory: null,
    flowLimits: { byFlow: {} },
    prefetchSeconds: 0,
    leaseSeconds: 60,
    runOnce: false,
    exitWhenIdleSeconds: null,
    drainTimeoutSeconds: null,
    killGraceSeconds: 1,
    workDir: temporaryFolder(),
    keepFailed: false,
    watcherProgram: WATCHER_PROGRAM,
    env: process.env,
    apiUrl: place.url,
    readApiKey: () => undefined,
    ...given,
  }
}

/** Starts an agent of a pool; whatever it still holds is ended after the test. */
export function startTestAgent(place: Pick<Place, 'url' | 'pool'>, given: Partial<AgentOptions> = {}): TestAgent {
  const options = testOptions(place, given)
  const said: string[] = []
  const say = (sentence: string) => void said.push(sentence)
  const agent = startAgent(options, { log: { info: say, warn: say, error: say } })
  onTestFinished(async () => {
    agent.endNow()
    await agent.done
  })
  return { ...agent, said, options }
}
