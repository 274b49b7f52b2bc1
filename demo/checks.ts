import type { Files } from './files.ts'
import type { Peak } from './peaks.ts'
import { QUEUES } from './stage.ts'
import type { Story } from './story.ts'
import type { Look } from './watch.ts'

/** An expected result, and the problems found. */
export interface Check {
  what: string
  problems: string[]
}

export interface Outcome {
  stories: readonly Story[]
  peaks: readonly Peak[]
  /** The slots held at the end. */
  lastSlots: Look['slots']
  files: Files
  /** The warnings and errors that the service logged. */
  complaints: readonly string[]
}

/** The conditions of a successful demo. */
export function checksOf({ stories, peaks, lastSlots, files, complaints }: Outcome): Check[] {
  const over = peaks.filter(({ limit, byHistory, byAsking }) => Math.max(byHistory, byAsking) > limit)
  return [
    { what: 'every run ended in the expected state', problems: stories.flatMap(wrongEnd) },
    { what: 'every run was started exactly once', problems: stories.flatMap(notOnce) },
    {
      what: 'every result matches what Node computes',
      problems: stories.flatMap((story) => wrongResult(story, files)),
    },
    { what: 'no limit was exceeded', problems: over.map((peak) => `${peak.name}: ${peak.byHistory} of ${peak.limit}`) },
    { what: 'the urgent runs started first, though they were sent last', problems: notUrgentFirst(stories) },
    { what: 'the cancelled run was running and was stopped', problems: stories.flatMap(notCancelled) },
    {
      what: 'no slot is held at the end',
      problems: lastSlots.active_slots === 0 ? [] : [`${lastSlots.active_slots} held`],
    },
    { what: 'the service logged no warnings or errors', problems: [...complaints] },
  ]
}

function wrongEnd({ job, run }: Story): string[] {
  if (run.state_type !== job.ends) return [`${job.name} is ${run.state_name}: ${run.state.message}`]
  const message = run.state.message ?? ''
  return job.ends === 'FAILED' && !/exited with code [1-9]/.test(message) ? [`${job.name} reports: ${message}`] : []
}

function notOnce({ job, states }: Story): string[] {
  const claims = states.filter(({ type }) => type === 'PENDING').length
  return claims === 1 ? [] : [`${job.name} was handed out ${claims} times`]
}

function wrongResult({ job, run }: Story, files: Files): string[] {
  if (!job.verify || run.state_type !== 'COMPLETED') return []
  try {
    return job.verify(files) ? [] : [`${job.name} wrote a different result`]
  } catch (error) {
    return [`${job.name}: ${error instanceof Error ? error.message : String(error)}`]
  }
}

/** All waited for the pool to be resumed; the slots of the first queue must then have gone to its runs first. */
function notUrgentFirst(stories: readonly Story[]): string[] {
  const first = QUEUES[0]
  const claimed = stories.filter((story) => story.claimed !== undefined)
  const inOrder = claimed.toSorted((a, b) => (a.claimed ?? 0) - (b.claimed ?? 0))
  const others = inOrder.slice(0, first?.limit).filter(({ job }) => job.queue !== first?.name)
  return others.map(({ job }) => `${job.name} of queue ${job.queue} was among the first`)
}

function notCancelled({ job, started, states }: Story): string[] {
  if (job.ends !== 'CANCELLED') return []
  const stopped = states.some(({ type }) => type === 'CANCELLING')
  return started && stopped ? [] : [`${job.name} went through ${states.map(({ name }) => name).join(', ')}`]
}
