import { EXIT_CODE } from '../exit-code.ts'

/** What signals do to an agent. */
export interface Stoppable {
  drain(): void
  endNow(): void
}

type Say = (sentence: string) => void

/**
 * Takes over SIGTERM, SIGINT and SIGQUIT, whatever the parent made of them: the first drains, a second or SIGQUIT ends
 * what runs at once, and one more ends this process, upon which the watcher kills what is left. A signal that comes
 * before there is an agent counts when there is one. A hang-up counts on a terminal alone: Node undoes what nohup does.
 */
export class Signals {
  readonly #say: Say
  #received: NodeJS.Signals[] = []
  #target: Stoppable | undefined
  #step = 0

  constructor(say: Say) {
    this.#say = say
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, () => this.#take(signal))
    process.on('SIGHUP', () => {
      if (process.stderr.isTTY) this.#take('SIGHUP')
    })
  }

  /** From now on signals reach this, and those that came before do so at once. */
  bind(target: Stoppable): void {
    this.#target = target
    for (const signal of this.#received) this.#act(signal, target)
    this.#received = []
  }

  #take(signal: NodeJS.Signals): void {
    if (this.#target) this.#act(signal, this.#target)
    else if (this.#received.push(signal) > 1) process.exit(EXIT_CODE.interrupted)
  }

  #act(signal: NodeJS.Signals, target: Stoppable): void {
    this.#step = Math.max(this.#step + 1, signal === 'SIGQUIT' ? 2 : 1)
    if (this.#step === 1) {
      this.#say(`${signal}: the agent takes nothing more, and ends after its runs. A second signal ends them at once.`)
      target.drain()
    } else if (this.#step === 2) {
      this.#say(`${signal}: the agent ends its runs now. One more signal ends it without waiting for them.`)
      target.endNow()
    } else {
      process.exit(EXIT_CODE.interrupted)
    }
  }
}
