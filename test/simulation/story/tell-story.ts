import { type Instant, secondsBetween } from '#shared/instant.ts'
import type { Incident } from '../machine/fault-counts.ts'
import { type Fault, isWrite } from '../machine/faults.ts'
import type { Step } from '../machine/scheduler.ts'
import type { Act, Report } from '../simulate-world.ts'

interface Line {
  at: Instant
  text: string
}

/** More lines than this are no story. */
const LINES_MAX = 60
const LAST_WRITES = 8

/** What each fault did to a call. */
const WORDS: Readonly<Record<Fault, (process: string, call: string) => string>> = {
  'dies before': (process, call) => `${process} dies before ${call} is made`,
  'dies after': (process, call) => `${process} dies once ${call} is made`,
  'fails before': (process, call) => `${process}: ${call} fails without being made`,
  'answer lost': (process, call) => `${process}: ${call} is made, and its answer is lost`,
  'made twice': (process, call) => `${process}: ${call} is made twice`,
  conflict: (process, call) => `${process}: ${call} is refused for a conflict`,
  throttled: (process, call) => `${process}: ${call} is throttled`,
  'partial batch': (process, call) => `${process}: ${call} is carried out in part`,
  'short page': (process, call) => `${process}: ${call} is answered with a page that ends early`,
  'stands still': (process, call) => `${process} stands still before ${call}`,
  overtaken: (process, call) => `${process}: ${call} waits until others have written the same`,
}

/** What happened in a world, in words and in its own time: who did what, what went wrong on the way, and what came of it. */
export function tellStory(report: Report): string {
  const { seed, profile, problems, acts, steps, startedAt } = report
  const lines = [
    ...acts.map((act) => lineOfAct(act, report)),
    ...steps.flatMap((step) => (step.fault ? [lineOfStrike(step, step.fault)] : [])),
    ...linesOfIncidents(report.faults.incidents),
    ...lastWrites(steps),
  ].toSorted((a, b) => a.at - b.at)
  const end = steps.at(-1)?.at ?? startedAt
  const told = lines.slice(-LINES_MAX)
  const left = lines.length - told.length
  return [
    `Seed ${seed} (${profile}), in the world's time:`,
    ...(left > 0 ? [`  (${left} earlier lines are left out)`] : []),
    ...told.map(({ at, text }) => `  ${time(startedAt, at)}  ${text}`),
    ...problems.slice(0, 3).map((problem) => `  ${time(startedAt, end)}  WRONG: ${problem}`),
  ].join('\n')
}

function lineOfAct({ name, atSeconds }: Act, { steps, startedAt }: Report): Line {
  const called = new Map<string, Set<string>>()
  for (const { process, verb } of steps) {
    if (!process.startsWith(`${name}/`)) continue
    const processes = called.get(verb) ?? new Set()
    called.set(verb, processes.add(process))
  }
  const calls = [...called].map(([verb, processes]) => `${verb}${processes.size > 1 ? ` × ${processes.size}` : ''}`)
  return { at: startedAt + atSeconds * 1_000_000, text: `${name}: ${calls.join(', ') || 'calls nothing'}` }
}

function lineOfStrike({ at, process, call, number }: Step, fault: Fault): Line {
  return { at, text: WORDS[fault](process, `call ${number}, ${call},`) }
}

/** One line for what happened to the same thing several times in a row. */
function linesOfIncidents(incidents: readonly Incident[]): Line[] {
  const groups = Map.groupBy(
    incidents.filter(({ fault }) => fault !== 'clock skew'),
    ({ fault, what }) => `${fault}: ${what}`,
  )
  return [...groups].map(([text, [first, ...more]]) => ({
    at: first?.at ?? 0,
    text: more.length === 0 ? text : `${text} (${more.length + 1} times)`,
  }))
}

function lastWrites(steps: readonly Step[]): Line[] {
  const writes = steps.filter(({ call, fault }) => fault === null && isWrite({ name: call }))
  return writes.slice(-LAST_WRITES).map(({ at, process, call }) => ({ at, text: `${process}: ${call}` }))
}

/** Minutes and seconds since the world began. */
function time(from: Instant, at: Instant): string {
  const seconds = Math.max(0, secondsBetween(from, at))
  const minutes = Math.floor(seconds / 60)
  return `${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, '0')}`.padStart(7)
}
