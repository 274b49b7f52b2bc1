import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Machine } from './machine.ts'

/** A process of a run, by what it has noted of itself: times in seconds of the host's clock. */
export interface Life {
  runId: string
  generation: number
  pid: number
  /** The agent's name. */
  agent: string
  flow: string
  from: number
  /** When it was seen last. */
  to: number
  /** Whether it came to its own end. */
  ended: boolean
}

/** The processes of some runs, which note their lives in one file. */
export class Ledger {
  readonly #machine: Machine
  readonly #file: string

  constructor(machine: Machine, name: string) {
    this.#machine = machine
    this.#file = join(machine.folder, name)
  }

  /** The command of a run that notes `beats` times that it lives, so far apart, and ends. */
  command(flow: string, beats: number, everySeconds: number): string {
    const script = `
note() {
  read -r up _ </proc/uptime
  echo "$1 $up $$ $PUSHPOOL_RUN_ID $PUSHPOOL_GENERATION $PWD ${flow}" >>${this.#file}
}
note start
n=0
while [ $n -lt ${beats} ]; do sleep ${everySeconds}; note beat; n=$((n + 1)); done
note end
`
    return this.#machine.script(`${flow}.sh`, script)
  }

  /** Every process that was started so far, in that order. */
  lives(): Life[] {
    const lives = new Map<string, Life>()
    for (const line of existsSync(this.#file) ? readFileSync(this.#file, 'utf8').trim().split('\n') : []) {
      const [word, up, pid, runId = '', generation, folder = '', flow = ''] = line.split(' ')
      const key = `${runId} ${generation} ${pid}`
      const at = Number(up)
      // Of its agent's folder, of which it has the part that is named by itself.
      const agent = basename(dirname(dirname(folder)))
      const began = { runId, generation: Number(generation), pid: Number(pid), agent, flow, from: at }
      const life = { ...began, ...lives.get(key), to: at, ended: word === 'end' }
      lives.set(key, life)
    }
    return [...lives.values()]
  }
}

/** The most of these that lived at once. One that ends as another begins has made room for it. */
export function mostAtOnce(lives: readonly Pick<Life, 'from' | 'to'>[]): number {
  const changes = lives.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ])
  let [now, most] = [0, 0]
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    now += by
    most = Math.max(most, now)
  }
  return most
}

/** Counts of what things are called. */
export function countBy<T>(things: readonly T[], nameOf: (thing: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const thing of things) counts.set(nameOf(thing), (counts.get(nameOf(thing)) ?? 0) + 1)
  return counts
}
