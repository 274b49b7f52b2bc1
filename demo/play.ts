import type { Client } from '#shared/client/create-client.ts'
import { type Check, checksOf } from './checks.ts'
import type { Files } from './files.ts'
import { JOBS, LONE_JOB } from './jobs/all.ts'
import { peaksOf } from './peaks.ts'
import { summaryOf } from './show/summary.ts'
import type { View } from './show/view.ts'
import { createStage, POOL, resumePool, type Sent, send } from './stage.ts'
import { readStories, type Story } from './story.ts'
import { type Look, watchToTheEnd } from './watch.ts'

export interface Scene {
  client: Client
  files: Files
  view: View
  /** What was sent so far; added to as the demo goes on. */
  sent: Sent[]
  /** The warnings and errors that the service logs. */
  complaints: readonly string[]
  signal: AbortSignal
}

export interface Played {
  summary: string
  checks: Check[]
}

/** The job of which the logs are shown. */
const TALKATIVE = 'list-sources'

/** Sends all jobs, follows them to their end, and checks the results. */
export async function play(scene: Scene): Promise<Played> {
  const { client, files, view, sent, complaints, signal } = scene
  const env = { OUT: files.out, NODE: process.execPath }
  const looks: Look['slots'][] = []
  const onLook = (look: Look) => {
    looks.push(look.slots)
    view.show(look)
  }
  await createStage(client)
  for (const job of JOBS) sent.push(await send(client, job, env))
  await resumePool(client)
  await watchToTheEnd(client, { sent, onLook, signal })
  const stories = await readStories(client, sent)
  const lone = await playAlone(scene, { env, onLook })
  const lastSlots = await client.getWorkPoolSlots({ name: POOL.name })
  const all = [...stories, lone]
  const peaks = peaksOf(all, looks)
  const logs = await readLogs(client, stories)
  const quiet: Check = {
    what: 'the logs hold what the command printed',
    problems: logs.lines.length > 0 ? [] : ['none'],
  }
  const checks = [...checksOf({ stories: all, peaks, lastSlots, files, complaints }), quiet]
  view.end()
  return { summary: summaryOf({ stories: all, lone, peaks, logs, checks }), checks }
}

/** One more run, now that nothing is in its way. */
async function playAlone(
  { client, sent, signal }: Scene,
  { env, onLook }: { env: Record<string, string>; onLook: (look: Look) => void },
): Promise<Story> {
  const lone = await send(client, LONE_JOB, env)
  sent.push(lone)
  await watchToTheEnd(client, { sent, onLook, signal })
  const [story] = await readStories(client, [lone])
  if (!story) throw new Error('the last run was not found')
  return story
}

async function readLogs(client: Client, stories: readonly Story[]): Promise<{ of: string; lines: string[] }> {
  const talkative = stories.find(({ job }) => job.name === TALKATIVE)
  if (!talkative) return { of: TALKATIVE, lines: [] }
  const entries = await client.listLogs({ logs: { flow_run_id: { any_: [talkative.run.id] } } })
  return { of: TALKATIVE, lines: entries.map(({ message }) => message) }
}
