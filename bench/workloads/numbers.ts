import { parseJson } from '#shared/json/parse-json.ts'
import { median } from '../report/statistics.ts'
import type { Bench, Report, Workload } from '../workload.ts'

export const numbers: Workload = {
  name: 'numbers',
  title: 'What it costs to keep the numbers of JSON as they were written',
  run: measure,
}

const BYTES = 100_000
const PASSES = 20

/** A list of such items as one text of some bytes. */
function textOf(item: (number: number) => string, bytes = BYTES): string {
  const items: string[] = []
  for (let size = 0; size < bytes; size += items.at(-1)?.length ?? bytes) items.push(item(items.length))
  return `[${items.join()}]`
}

const STATE = JSON.stringify({
  state: { type: 'RUNNING', name: 'Running', message: null, state_details: { pause_reschedule: false }, data: null },
  force: false,
})
const logLine = (number: number) =>
  JSON.stringify({ level: 20, message: `step ${number}: loss 0.10, 1e5 rows`, timestamp: '2026-01-15T12:00:00.120Z' })

const TEXTS: Record<string, string> = {
  'a state': STATE,
  'lines of a log': textOf(logLine),
  integers: textOf((number) => `{"id":${number},"count":${number * 7}}`),
  'short fractions': textOf((number) => `{"ratio":${number}.25}`),
  'fractions of 16 digits': textOf((number) => `{"ratio":${(number + 1) / 7}}`),
  'nothing but 1.0': textOf((number) => `{"ratio":${number}.0}`),
}

/** Each text is read and written in turns with JavaScript's own numbers, so that a busy machine slows both. */
function measure(bench: Bench): Promise<Report> {
  const rows = Object.entries(TEXTS).map(([name, text]) => {
    bench.progress(name)
    const [plain, exact] = [JSON.parse(text) as unknown, parseJson(text)]
    const times = Math.max(1, Math.round(BYTES / text.length))
    const reading = ratios(times, [() => JSON.parse(text) as unknown, () => parseJson(text)])
    const writing = ratios(times, [() => JSON.stringify(plain), () => JSON.stringify(exact)])
    return {
      text: name,
      bytes: text.length,
      'µs to read': reading.microseconds,
      'times JSON.parse': reading.ratio,
      'times to write': writing.ratio,
    }
  })
  const notes = [
    'Beside JSON.parse and JSON.stringify of the same text with plain numbers, in turns; medians.',
    'A text is read a second time, by a reviver, where it has a number that JavaScript would write otherwise.',
  ]
  return Promise.resolve({ rows, notes, errors: [] })
}

/** How long the second takes, and how many times as long as the first. */
function ratios(
  times: number,
  [first, second]: [() => unknown, () => unknown],
): { microseconds: number; ratio: number } {
  const passes = Array.from({ length: PASSES }, () => [timed(times, first), timed(times, second)] as const)
  // The engine has compiled both by then.
  const settled = passes.slice(PASSES / 2)
  return {
    microseconds: median(settled.map(([, exact]) => exact)),
    ratio: median(settled.map(([plain, exact]) => exact / plain)),
  }
}

function timed(times: number, act: () => unknown): number {
  const begun = performance.now()
  for (let at = 0; at < times; at += 1) act()
  return ((performance.now() - begun) * 1_000) / times
}
