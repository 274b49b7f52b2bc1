import type { WireRun } from '../stage.ts'
import type { Look } from '../watch.ts'
import type { View } from './view.ts'

/** One line for each change of a run's state: for output that is no terminal. */
export class PlainLines implements View {
  readonly #shown = new Map<string, string>()

  show({ runs, slots }: Look): void {
    const changed = runs.filter((run) => this.#shown.get(run.id) !== run.state_name)
    for (const run of changed) {
      this.#shown.set(run.id, run.state_name)
      process.stdout.write(`${lineOf(run)}  held: ${slots.active_slots} of ${slots.concurrency_limit}\n`)
    }
  }

  end(): void {}
}

function lineOf(run: WireRun): string {
  const time = run.state.timestamp.slice(11, 19)
  return `${time}  ${(run.work_queue_name ?? '').padEnd(6)}  ${run.name.padEnd(20)}  ${run.state_name.padEnd(10)}`
}
