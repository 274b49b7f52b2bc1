import type { Chance } from '../machine/chance.ts'
import type { Caller, Persona } from '../outside/caller.ts'
import type { Known, KnownDeployment, KnownPool, KnownRun } from '../outside/known.ts'

/** What a verb of a client has at hand. */
export interface Scene {
  chance: Chance
  known: Known
  /** A client, of the persona that this world gives the verb unless one is named. */
  client: (persona?: Persona, claim?: string) => Caller
  sleep: (seconds: number) => Promise<void>
  /** The world's time, in seconds. */
  now: () => number
  anyPool: (push?: boolean) => KnownPool | undefined
  anyDeployment: (test?: (deployment: KnownDeployment) => boolean) => KnownDeployment | undefined
  anyRun: (test?: (run: KnownRun) => boolean) => KnownRun | undefined
}

/** Something that a client does in a world, maybe in several calls over some time. */
export interface Verb {
  name: string
  /** How often it happens beside the others. */
  weight: number
  act(scene: Scene): Promise<void>
}
