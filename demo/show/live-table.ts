import { isTerminal } from '#shared/flow-run/state.ts'
import { parseInstant } from '#shared/instant.ts'
import type { WireRun } from '../stage.ts'
import type { Look } from '../watch.ts'
import { paint, paintState } from './colour.ts'
import { limitBar } from './limit-bar.ts'
import type { View } from './view.ts'

const ESCAPE = '\x1b['
const HIDE_CURSOR = `${ESCAPE}?25l`
const SHOW_CURSOR = `${ESCAPE}?25h`
const CLEAR_LINE = `${ESCAPE}K`
const CLEAR_BELOW = `${ESCAPE}J`
/** Lines that are not of runs: limits, headings, the count of what is left out, and the cursor's own. */
const OTHER_LINES = 5

/** Of a terminal that is smaller, drawing over itself would make a mess: a line that wraps is two. */
const COLUMNS_MIN = 80
const ROWS_MIN = 12

/** All runs in a table that is drawn over itself: for a terminal. */
export class LiveTable implements View {
  #lines = 0

  static fits(): boolean {
    const { isTTY, columns, rows } = process.stdout
    return isTTY && columns >= COLUMNS_MIN && rows >= ROWS_MIN
  }

  show(look: Look): void {
    const lines = draw(look, process.stdout.rows).map((text) => `${text}${CLEAR_LINE}\n`)
    process.stdout.write(
      HIDE_CURSOR + (this.#lines > 0 ? `${ESCAPE}${this.#lines}A` : '') + lines.join('') + CLEAR_BELOW,
    )
    this.#lines = lines.length
  }

  end(): void {
    process.stdout.write(SHOW_CURSOR)
  }
}

function draw({ runs, slots }: Look, rows: number): string[] {
  const queues = slots.queues.filter(({ concurrency_limit: limit }) => limit !== null)
  const bars = [
    limitBar('pool', slots.active_slots, slots.concurrency_limit),
    ...queues.map((queue) => limitBar(queue.queue_name, queue.active_slots, queue.concurrency_limit)),
  ]
  const shown = fitting(runs, rows - OTHER_LINES)
  const left = runs.length - shown.length
  return [
    bars.join('   '),
    '',
    paint('dim', line(['Run', 'Queue', 'State', 'Since', 'For'])),
    ...shown.map(rowOf),
    ...(left > 0 ? [paint('dim', `… and ${left} ended`)] : []),
  ]
}

/** As many runs as there is room for; those that ended first are left out first. */
function fitting(runs: readonly WireRun[], room: number): WireRun[] {
  const ended = runs.filter((run) => isTerminal(run.state_type))
  const byEnd = ended.toSorted((a, b) => ((a.end_time ?? '') < (b.end_time ?? '') ? -1 : 1))
  const left = new Set(byEnd.slice(0, Math.max(0, runs.length - room)))
  return runs.filter((run) => !left.has(run))
}

const WIDTHS = [20, 7, 11, 9, 7]

function line(cells: readonly string[]): string {
  return cells.map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0)).join(' ')
}

function rowOf(run: WireRun): string {
  const [name = '', queue = '', state = '', since = '', duration = ''] = [
    run.name,
    run.work_queue_name ?? '',
    run.state_name,
    run.state.timestamp.slice(11, 19),
    secondsOf(run),
  ].map((cell, at) => cell.padEnd(WIDTHS[at] ?? 0))
  return [name, queue, paintState(run.state_type, state), since, duration].join(' ')
}

/** How long a run has been in its state; of an ended one, how long it ran. */
function secondsOf(run: WireRun): string {
  const micros = Date.now() * 1000 - (parseInstant(run.state.timestamp) ?? 0)
  const seconds = isTerminal(run.state_type) ? run.total_run_time : micros / 1_000_000
  return `${Math.max(0, seconds).toFixed(1)} s`
}
