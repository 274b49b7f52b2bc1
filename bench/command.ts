import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Options, type Presets, parseOptions, type SizesOf, USAGE } from './options.ts'
import { describeMachine } from './report/machine.ts'
import { textTable } from './report/table.ts'
import type { Report, Workload } from './workload.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_INTERRUPTED = 130
const ERRORS_SHOWN_MAX = 5
/** On disk, as the service's data would be; /tmp may be memory. */
const WORK_FOLDER = join(import.meta.dirname, '../node_modules/.cache/pushpool-bench')

/** A command that runs workloads. */
export interface Command<S> {
  /** What npm calls it. */
  name: string
  /** In the order in which they run. */
  workloads: readonly Workload<S>[]
  presets: Presets<S>
  /** The sizes, as `--help` lists them. */
  sizesUsage: string
  /** Why nothing can be measured on this machine, if so; the command then says so and succeeds. */
  obstacle?: () => Promise<string | undefined>
}

type Result = Report & { name: string; title: string; seconds: number }

/** Runs the command line. Sets the exit code: 1 for failed requests, 2 for a command line in error. */
export async function runCommand<S extends SizesOf<S>>(command: Command<S>): Promise<void> {
  const options = optionsOrExit(command)
  const obstacle = options.help ? undefined : await command.obstacle?.()
  if (options.help) process.stdout.write(usageOf(command))
  else if (obstacle !== undefined) process.stdout.write(`SKIPPED: ${obstacle}\n`)
  else process.exitCode = await runAll(command.workloads, options)
}

function usageOf<S>({ name, workloads, sizesUsage }: Command<S>): string {
  const names = workloads.map((each) => `  ${each.name.padEnd(12)}${each.title}`)
  const first = `Usage: npm run ${name} -- [--quick] [--only <name>,...] [--json] [sizes]`
  return `${first}\n\n${USAGE}\n${sizesUsage}\nWorkloads:\n${names.join('\n')}\n`
}

function optionsOrExit<S extends SizesOf<S>>(command: Command<S>): Options<S> {
  try {
    const read = parseOptions(process.argv.slice(2), command.presets)
    const unknown = read.only.find((name) => !command.workloads.some((workload) => workload.name === name))
    if (unknown !== undefined) throw new Error(`Unknown workload '${unknown}'.`)
    return read
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usageOf(command)}`)
    process.exit(EXIT_USAGE)
  }
}

async function runAll<S>(workloads: readonly Workload<S>[], { json, only, sizes }: Options<S>): Promise<number> {
  const machine = describeMachine()
  const print = json ? () => {} : (text: string) => void process.stdout.write(text)
  print(`pushpool ${machine.commit} on ${machine.cores} cores (${machine.cpu}), ${machine.memoryGib} GiB, `)
  print(`Node ${machine.node}, ${machine.platform}, load ${machine.load.toFixed(1)}\n${JSON.stringify(sizes)}\n`)
  const results: Result[] = []
  for (const workload of workloads) {
    if (only.length > 0 && !only.includes(workload.name)) continue
    const result = await runOne(workload, sizes)
    results.push(result)
    print(textOf(result))
  }
  const errors = results.reduce((sum, result) => sum + result.errors.length, 0)
  if (json) process.stdout.write(`${JSON.stringify({ machine, sizes, workloads: results, errors }, null, 2)}\n`)
  else print(`\n${errors} failed requests\n`)
  return errors === 0 ? 0 : EXIT_FAILED
}

async function runOne<S>({ name, title, run }: Workload<S>, sizes: S): Promise<Result> {
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
