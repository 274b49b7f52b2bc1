import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Options, readOptions, USAGE } from './options.ts'
import { describeMachine } from './report/machine.ts'
import { textTable } from './report/table.ts'
import type { Report, Workload } from './workload.ts'
import { WORKLOADS } from './workloads.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_INTERRUPTED = 130
const ERRORS_SHOWN_MAX = 5
/** On disk, as the service's data would be; /tmp may be memory. */
const WORK_FOLDER = join(import.meta.dirname, '../node_modules/.cache/pushpool-bench')

type Result = Report & { name: string; title: string; seconds: number }

const options = optionsOrExit()
if (options.help) {
  const names = WORKLOADS.map(({ name, title }) => `  ${name.padEnd(12)}${title}`)
  process.stdout.write(`${USAGE}\nWorkloads:\n${names.join('\n')}\n`)
} else {
  process.exitCode = await runAll(options)
}

function optionsOrExit(): Options {
  try {
    const read = readOptions(process.argv.slice(2))
    const unknown = read.only.find((name) => !WORKLOADS.some((workload) => workload.name === name))
    if (unknown !== undefined) throw new Error(`There is no workload '${unknown}'.`)
    return read
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exit(EXIT_USAGE)
  }
}

async function runAll({ json, only, sizes }: Options): Promise<number> {
  const machine = describeMachine()
  const print = json ? () => {} : (text: string) => void process.stdout.write(text)
  print(`pushpool ${machine.commit} on ${machine.cores} cores (${machine.cpu}), ${machine.memoryGib} GiB, `)
  print(`Node ${machine.node}, ${machine.platform}\n${JSON.stringify(sizes)}\n`)
  const results: Result[] = []
  for (const workload of WORKLOADS) {
    if (only.length > 0 && !only.includes(workload.name)) continue
    const result = await runOne(workload, { json, only, sizes })
    results.push(result)
    print(textOf(result))
  }
  const errors = results.reduce((sum, result) => sum + result.errors.length, 0)
  if (json) process.stdout.write(`${JSON.stringify({ machine, sizes, workloads: results, errors }, null, 2)}\n`)
  else print(`\n${errors} failed requests\n`)
  return errors === 0 ? 0 : EXIT_FAILED
}

async function runOne({ name, title, run }: Workload, { sizes }: Omit<Options, 'help'>): Promise<Result> {
  mkdirSync(WORK_FOLDER, { recursive: true })
  const folder = mkdtempSync(join(WORK_FOLDER, `bench-${name}-`))
  const stops: (() => Promise<unknown>)[] = []
  const cleanUp = async () => {
    for (let stop = stops.pop(); stop; stop = stops.pop()) await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const interrupted = () => void cleanUp().finally(() => process.exit(EXIT_INTERRUPTED))
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  const started = performance.now()
  try {
    const progress = (text: string) => void process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${name}: ${text}` : '')
    const report = await run({ sizes, folder, progress, onEnd: (stop) => void stops.push(stop) })
    return { name, title, seconds: (performance.now() - started) / 1000, ...report }
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    await cleanUp()
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  }
}

function textOf({ name, title, seconds, rows, notes, errors }: Result): string {
  const shown = errors.slice(0, ERRORS_SHOWN_MAX).map((error) => `! ${error}`)
  const failed = errors.length > 0 ? [`! ${errors.length} failed`, ...shown] : []
  const lines = [
    `\n## ${name}: ${title} (${seconds.toFixed(0)} s)\n`,
    textTable(rows),
    ...notes.map((note) => `- ${note}`),
    ...failed,
  ]
  return `${lines.join('\n')}\n`
}
