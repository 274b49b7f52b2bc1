import type { Instant } from '#shared/instant.ts'
import { fromItem, type Item } from '#shared/storage/dynamo/expression.ts'
import type { Fork } from './fork.ts'

/**
 * Seconds until the next sweep. A deletion looks once more after half a minute (DELETION_GRACE_SECONDS), after ten if it
 * failed (DELETION_BACKOFF_SECONDS), and a last time five minutes later (INDEX_LAG_SECONDS_MAX), and a deleted pool's lines are known for a quarter of an hour (LINES_KEPT_SECONDS).
 */
const SWEEPS = [60, 11 * 60, 16 * 60, 60]

/** What is said of a lease that nobody took back. */
export const HAS_RUN_OUT = 'and has run out'

/** Lets the sweep clear up in a fork of a world in which all has ended, and says what it leaves. */
export async function clearedUp(fork: Fork): Promise<string[]> {
  for (const seconds of SWEEPS) {
    fork.pass(seconds)
    await fork.tick()
    await fork.sweep()
  }
  return leftovers([...fork.table.items()], fork.clock.at)
}

/** What is stored and of no use, once all runs have ended and the sweep has had its time. */
export function leftovers(items: readonly Item[], now: Instant): string[] {
  const plain = items.map((item) => {
    const { pk, sk, life, until, listKey = '', holds } = fromItem(item)
    const holdsRuns = Array.isArray(holds) && holds.length > 0
    return {
      pk: String(pk),
      sk: String(sk),
      life: String(life),
      until: Number(until),
      listKey: String(listKey),
      holdsRuns,
    }
  })
  const keys = new Set(plain.map(({ pk, sk }) => `${pk}/${sk}`))
  const lives = new Set(
    plain.filter(({ pk, sk }) => sk === 'run' && pk.startsWith('run#')).map(({ pk, life }) => `${pk}#${life}`),
  )
  return plain.flatMap(({ pk, sk, until, listKey, holdsRuns }) => {
    const [kind = '', id = ''] = pk.split('#', 2)
    const name = `I8 ${pk}/${sk} is left`
    switch (kind) {
      case 'deletions':
        return [`${name} of a deletion`]
      case 'lost-sessions':
        return [`${name} of a lost agent`]
      case 'agents':
        return holdsRuns ? [`${name} with runs of which none is held`] : []
      case 'lease':
        return until < now ? [`${name}, ${HAS_RUN_OUT}`] : []
      case 'lines':
      case 'waiting-pools':
        return keys.has(`pools/${sk}`) ? [] : [`${name} of a pool that is gone`]
      case 'queues':
      case 'workers':
        return keys.has(`pools/${id}`) || sk === 'polled' ? [] : [`${name} of a pool that is gone`]
      case 'logs':
      case 'inputs':
        return lives.has(`run#${pk.slice(kind.length + 1)}`) ? [] : [`${name} of a run that is gone`]
      case 'task-run':
        return sk !== 'run' || listKey === '' || lives.has(`run#${listKey.slice('tasks#'.length)}`)
          ? []
          : [`${name} of a run that is gone`]
      case 'run':
        return sk === 'run' || keys.has(`${pk}/run`) ? [] : [`${name} of a run that is gone`]
      case 'limit':
        return isLimitOfNothing(pk.slice('limit#'.length), keys, plain) ? [`${name} of what is gone`] : []
      default:
        return []
    }
  })
}

/** Whether a limit of a pool or queue outlived it; that of a deployment may, as it counts who is held. */
function isLimitOfNothing(
  key: string,
  keys: ReadonlySet<string>,
  plain: readonly { pk: string; sk: string }[],
): boolean {
  const [kind, id] = key.split('#')
  if (kind === 'pool') return !keys.has(`pools/${id}`)
  if (kind === 'queue') return !plain.some(({ pk, sk }) => sk === id && pk.startsWith('queues#'))
  return false
}
