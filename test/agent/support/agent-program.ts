import type { AgentOptions } from '../../../agent/agent-options.ts'
import { startAgent } from '../../../agent/start-agent.ts'

/**
 * An agent as a program of its own, to be stopped and killed: `agent-program.ts <options as JSON>`. It prints what it says,
 * a line each, and on SIGUSR2 how much memory it takes.
 */
const options = JSON.parse(process.argv[2] ?? '') as Omit<AgentOptions, 'readApiKey' | 'env'>
const say = (line: string) => void process.stdout.write(`${line}\n`)
const agent = startAgent(
  { ...options, env: process.env, readApiKey: () => undefined },
  { log: { info: say, warn: say, error: say } },
)
process.on('SIGTERM', () => agent.drain())
process.on('SIGUSR2', () => say(`RSS ${process.memoryUsage.rss()}`))
const online = setInterval(() => {
  if (agent.status().state === 'starting') return
  clearInterval(online)
  say('online')
}, 5)
process.exitCode = await agent.done
process.exit()
