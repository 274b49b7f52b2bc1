/**
 * Feedback within a minute: format, lint, types and unit tests side by side. Prints the output of each part that failed,
 * and the time that each took. Run as `npm run quick`.
 */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** Each is a script of package.json. */
const PARTS = ['format:check', 'lint', 'types', 'test:unit'] as const

interface Outcome {
  part: (typeof PARTS)[number]
  passed: boolean
  seconds: number
  output: string
}

async function runPart(part: Outcome['part']): Promise<Outcome> {
  const start = performance.now()
  // One shell joins both streams, so that lines keep their order.
  const child = spawn(`npm run --silent ${part} 2>&1`, { shell: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const output = await text(child.stdout)
  const passed = (await exit) === 0
  return { part, passed, seconds: (performance.now() - start) / 1000, output }
}

function report({ part, passed, seconds, output }: Outcome): void {
  if (!passed) console.log(output.trimEnd())
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${part.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s`)
}

const start = performance.now()
const outcomes = await Promise.all(
  PARTS.map(async (part) => {
    const outcome = await runPart(part)
    report(outcome)
    return outcome
  }),
)
const failed = outcomes.filter(({ passed }) => !passed).map(({ part }) => part)
console.log(failed.length === 0 ? 'All passed' : `Failed: ${failed.join(', ')}`)
console.log(`${((performance.now() - start) / 1000).toFixed(1)} s in total`)
process.exitCode = failed.length === 0 ? 0 : 1
