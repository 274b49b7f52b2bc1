import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const NS_PER_MS = 1e6

/** Where the commands of runs note that they have started. */
export class Starts {
  readonly #file: string

  constructor(folder: string) {
    this.#file = join(folder, 'starts')
  }

  /**
   * A command that notes its run, and the time, and ends. Prefect's worker sets one of the variables, our agent the other.
   * What is counted is until `date` looks at the clock.
   */
  get command(): string[] {
    const line = '"${PREFECT__FLOW_RUN_ID:-$PUSHPOOL_RUN_ID} %s%N"'
    return ['/bin/sh', '-c', `exec date +${line} >> "$0"`, this.#file]
  }

  /** The same as one line, for those who take a command apart as a shell does. */
  get shellCommand(): string {
    return this.command.map((word) => `'${word}'`).join(' ')
  }

  /** When each run has started, in milliseconds of the wall clock; the first time, should there be several. */
  read(): Map<string, number> {
    const lines = existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').slice(0, -1) : []
    const starts = new Map<string, number>()
    for (const line of lines) {
      const [id = '', ns] = line.split(' ')
      if (!starts.has(id)) starts.set(id, Number(ns) / NS_PER_MS)
    }
    return starts
  }
}
