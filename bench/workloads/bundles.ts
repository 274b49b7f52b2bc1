import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type Bundle, bundleFunctions } from '../../scripts/bundle.ts'
import { median } from '../report/statistics.ts'
import type { Bench, Report, Workload } from '../workload.ts'

export const bundles: Workload = {
  name: 'bundles',
  title: "Each function's bundle, and how long Node takes to import it",
  run: measure,
}

/** The design's bars for the api function. */
const KILOBYTES_BAR = 500
const IMPORT_MS_BAR = 70
const BYTES_PER_KILOBYTE = 1_000

const run = promisify(execFile)
/** Everything up to here is Node's own start, which Lambda's runtime has behind it as well. */
const TIMED_IMPORT =
  'const begun = performance.now(); await import(process.argv[1]); console.log(performance.now() - begun)'

async function measure(bench: Bench): Promise<Report> {
  bench.progress('bundling')
  const bundled = await bundleFunctions(join(bench.folder, 'functions'))
  const times = new Map(bundled.map(({ name }) => [name, [] as number[]]))
  for (let at = 0; at < bench.sizes.imports; at += 1) {
    bench.progress(`import ${at + 1} of ${bench.sizes.imports}`)
    // One after the other, and all functions in each round, so that none gets the quiet moments.
    for (const bundle of bundled) times.get(bundle.name)?.push(await importMs(bundle))
  }
  const rows = bundled.map(({ name, bytes, importedBytes }) => {
    const ms = times.get(name) ?? []
    return {
      function: name,
      'bundle KB': bytes / BYTES_PER_KILOBYTE,
      'imported KB': importedBytes / BYTES_PER_KILOBYTE,
      'import ms': median(ms),
      lowest: Math.min(...ms),
      highest: Math.max(...ms),
    }
  })
  const notes = [
    `Bars for the api function: ${KILOBYTES_BAR} KB and ${IMPORT_MS_BAR} ms. A KB is ${BYTES_PER_KILOBYTE} bytes.`,
    `Bundled as for Lambda, minified, with the SDK inside. What the import does not load is loaded when it is first needed.`,
    `Import: median of ${bench.sizes.imports} processes, from the call of import() to its end.`,
  ]
  return { rows, notes, errors: [] }
}

async function importMs({ file }: Bundle): Promise<number> {
  const env = { PATH: process.env.PATH, AWS_REGION: 'us-east-1' }
  const args = ['--input-type=module', '--eval', TIMED_IMPORT, pathToFileURL(file).href]
  const { stdout } = await run(process.execPath, args, { env })
  return Number(stdout)
}
