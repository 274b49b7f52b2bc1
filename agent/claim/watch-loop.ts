import type { ClaimLoop } from './claim-loop.ts'
import { IDLE_SECONDS } from './pace.ts'

const LOOK_SECONDS = 30
/** Three of the longest intervals, and ten minutes. */
const STUCK_SECONDS = 3 * IDLE_SECONDS.max + 600

/**
 * Notices that calls neither succeed nor fail any more. It counts its own looks, not seconds: an agent that was stopped
 * for an hour has looked once, and is not stuck.
 */
export function watchLoop(loop: Pick<ClaimLoop, 'rounds'>, onStuck: () => void): { close: () => void } {
  let [seen, looks] = [loop.rounds, 0]
  const timer = setInterval(() => {
    looks = loop.rounds === seen ? looks + 1 : 0
    seen = loop.rounds
    if (looks * LOOK_SECONDS < STUCK_SECONDS) return
    clearInterval(timer)
    onStuck()
  }, LOOK_SECONDS * 1000)
  timer.unref()
  return { close: () => clearInterval(timer) }
}
