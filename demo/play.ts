import { getWorkPoolSlots } from '#shared/contract/limit/concurrency-status.ts'
import { listLogs } from '#shared/contract/log/log.ts'
import type { Api } from './api.ts'
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
  api: Api
  files: Files
  view: View
  /** What was sent so far; added to as the demo goes on. */
  sent: Sent[]
  /** What the service complains of. */
  complaints: readonly string[]
  signal: AbortSignal
}

export interface Played {
  summary: string
  checks: Check[]
}

/** The job of which the logs are shown. */
const TALKATIVE = 'list-sources'

/** Sends all jobs, follows them to their end, and finds out whether all came out as it should. */
export async function play(scene: Scene): Promise<Played> {
  const { api, files, view, sent, complaints, signal } = scene
  const env = { OUT: files.out, NODE: process.execPath }
  const looks: Look['slots'][] = []
  const onLook = (look: Look) => {
    looks.push(look.slots)
    view.show(look)
  }
  await createStage(api)
  for (const job of JOBS) sent.push(await send(api, job, env))
  await resumePool(api)
  await watchToTheEnd(api, { sent, onLook, signal })
  const stories = await readStories(api, sent)
  const lone = await playAlone(scene, { env, onLook })
  const lastSlots = await api(getWorkPoolSlots, { params: { name: POOL.name }, body: {} })
  const all = [...stories, lone]
  const peaks = peaksOf(all, looks)
  const logs = await readLogs(api, stories)
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
  { api, sent, signal }: Scene,
  { env, onLook }: { env: Record<string, string>; onLook: (look: Look) => void },
): Promise<Story> {
  const lone = await send(api, LONE_JOB, env)
  sent.push(lone)
  await watchToTheEnd(api, { sent, onLook, signal })
  const [story] = await readStories(api, [lone])
  if (!story) throw new Error('the last run is gone')
  return story
}

async function readLogs(api: Api, stories: readonly Story[]): Promise<{ of: string; lines: string[] }> {
  const talkative = stories.find(({ job }) => job.name === TALKATIVE)
  if (!talkative) return { of: TALKATIVE, lines: [] }
  const entries = await api(listLogs, { body: { logs: { flow_run_id: { any_: [talkative.run.id] } } } })
  return { of: TALKATIVE, lines: entries.map(({ message }) => message) }
}
