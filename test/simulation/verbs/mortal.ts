import type { Caller } from '../outside/caller.ts'
import type { Scene } from './verb.ts'

/** Of what somebody was about to do when he died, nothing comes. */
const NEVER = new Promise<never>(() => undefined)

/** What somebody has at hand who may die: what he asked for is done, and he neither hears of it nor goes on. */
export function mortal(scene: Scene, lives: () => boolean): Scene {
  const unlessDead = async <T>(waited: Promise<T>): Promise<T> => {
    const value = await waited
    return lives() ? value : await NEVER
  }
  return {
    ...scene,
    sleep: (seconds) => unlessDead(scene.sleep(seconds)),
    client: (persona, claim) => {
      const caller = scene.client(persona, claim)
      const call: Caller['call'] = (...asked) => unlessDead(caller.call(...asked))
      return Object.assign(Object.create(caller) as Caller, { call })
    },
  }
}
