import { explore } from './runner/explore.ts'
import { type Options, parseOptions, USAGE, WrongOptions } from './runner/options.ts'
import { runOne } from './runner/run-one.ts'

/** `npm run simulate`: exits with 0 where all was well, 1 where something failed, 2 for options that can't be. */
const options = readOptions(process.argv.slice(2))
if (options?.help) console.log(USAGE)
else if (options) {
  const well = options.seed === undefined ? await explore(options) : await runOne(options.seed, options)
  process.exitCode = well ? 0 : 1
}

function readOptions(args: readonly string[]): Options | undefined {
  try {
    return parseOptions(args)
  } catch (error) {
    if (!(error instanceof WrongOptions)) throw error
    console.error(`simulate: ${error.message}\nnpm run simulate -- --help lists the options.`)
    process.exitCode = 2
    return undefined
  }
}
