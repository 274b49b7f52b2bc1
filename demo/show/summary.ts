import { secondsBetween } from '#shared/instant.ts'
import type { Check } from '../checks.ts'
import type { Peak } from '../peaks.ts'
import type { Story } from '../story.ts'
import { paint, paintState } from './colour.ts'

export interface Results {
  stories: readonly Story[]
  /** The run with nothing ahead of it. */
  lone: Story
  peaks: readonly Peak[]
  /** The output of one of the commands. */
  logs: { of: string; lines: readonly string[] }
  checks: readonly Check[]
}

const LOG_LINES_SHOWN_MAX = 5

/** The demo's results as text. */
export function summaryOf(results: Results): string {
  const { stories, peaks, logs, checks } = results
  const messages = stories.filter(({ job }) => job.ends !== 'COMPLETED').map(messageOf)
  const shown = logs.lines.slice(0, LOG_LINES_SHOWN_MAX)
  const more = logs.lines.length - shown.length
  const sections: [string, string[]][] = [
    [`${stories.length} runs`, [statesOf(stories), ...messages]],
    ['Limits and peaks', peaks.map(peakLine)],
    ['From creation to start', timesOf(results)],
    [`Logs of ${logs.of}`, [...shown, ...(more > 0 ? [`… and ${more} more lines`] : [])]],
    ['Checks', checks.flatMap(checkLines)],
  ]
  return sections
    .map(([title, lines]) => `\n${paint('bold', title)}\n${lines.map((line) => `  ${line}\n`).join('')}`)
    .join('')
}

function statesOf(stories: readonly Story[]): string {
  const byState = Map.groupBy(stories, ({ run }) => run.state_name)
  return [...byState]
    .map(([name, some]) => paintState(some[0]?.run.state_type ?? 'SCHEDULED', `${some.length} ${name}`))
    .join(', ')
}

function messageOf({ job, run }: Story): string {
  return `${job.name}: ${paintState(run.state_type, run.state_name)}. ${run.state.message ?? ''}`
}

function peakLine({ name, limit, byHistory, byAsking }: Peak): string {
  const colour = byHistory > limit ? 'red' : 'green'
  return `${name.padEnd(14)} limit ${limit} · peak ${paint(colour, String(byHistory))} (run history) · peak ${byAsking} (sampled)`
}

function timesOf({ stories, lone }: Results): string[] {
  const seconds = stories
    .flatMap(({ created, started }) => (started === undefined ? [] : secondsBetween(created, started)))
    .toSorted((a, b) => a - b)
  const at = (place: number) => `${(seconds[Math.max(0, Math.ceil(place))] ?? 0).toFixed(2)} s`
  const last = seconds.length - 1
  const alone =
    lone.started === undefined ? 'never' : `${(secondsBetween(lone.created, lone.started) * 1000).toFixed(0)} ms`
  return [
    `min ${at(0)}, median ${at(last / 2)}, max ${at(last)}: waiting for the pool to resume and for slots`,
    `${alone} for a run with nothing ahead of it`,
  ]
}

function checkLines({ what, problems }: Check): string[] {
  const mark = problems.length === 0 ? paint('green', '✓') : paint('red', '✗')
  return [`${mark} ${what}`, ...problems.map((problem) => `    ${problem}`)]
}
