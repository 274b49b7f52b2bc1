import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { HttpClient } from '../service/http-client.ts'
import { waitUntil } from '../service/wait-until.ts'

export interface AgentProcess {
  name: string
  pid: number
  stop: () => Promise<void>
}

interface AgentPlace {
  /** The built program. */
  program: string
  url: string
  pool: string
  queue: string
  folder: string
}

/** Starts an agent as people do, with a state folder of its own, so that it is another agent than its neighbours. */
export function startAgentProcess({ program, url, pool, queue, folder }: AgentPlace, name: string): AgentProcess {
  const log = openSync(join(folder, `${name}.log`), 'a')
  const where = ['--pool', pool, '--work-queue', queue, '--api', url]
  const who = ['--name', name, '--state-dir', join(folder, name)]
  const child = spawn(process.execPath, [program, 'agent', 'start', ...where, ...who, '--hide-welcome'], {
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH, HOME: folder },
  })
  closeSync(log)
  const exited = once(child, 'exit')
  return {
    name,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Waits until all of these agents have called. */
export async function untilOnline(client: HttpClient, names: readonly string[]): Promise<void> {
  await waitUntil('the agents have called', async () => {
    const agents = await client.call('listAgents', {
      agents: { name: { any_: [...names] }, status: { any_: ['ONLINE'] } },
    })
    return agents.length === names.length
  })
}
