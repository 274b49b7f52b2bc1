import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { interrupt } from './interrupt.ts'
import { create, deploy, openPlace, proposed, storedRun } from './place.ts'

/** What may become of a pause before a resume of it is written, and the state that stays. */
const BECOMES: Record<string, { states: readonly string[]; stays: string }> = {
  'has failed': { states: ['FAILED'], stays: 'FAILED' },
  'was cancelled': { states: ['CANCELLED'], stays: 'CANCELLED' },
  'is being cancelled': { states: ['CANCELLING'], stays: 'CANCELLING' },
  'has gone on': { states: ['RUNNING'], stays: 'RUNNING' },
  'has gone on and paused again': { states: ['RUNNING', 'PAUSED'], stays: 'PAUSED' },
}

/** Has a paused run change while it is being resumed: a resume is of the pause that it has read. */
export async function lateResume(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, false)
  const id = await create(fork, await deploy(fork, place))
  for (const type of ['PENDING', 'RUNNING', 'PAUSED']) await proposed(fork, id, type)
  const became = chance.pick(Object.keys(BECOMES)) ?? ''
  const { states = [], stays } = BECOMES[became] ?? {}
  interrupt(
    fork,
    'before',
    ({ isWrite, input }) => isWrite && input.includes(id),
    async () => {
      for (const type of states) await proposed(fork, id, type)
    },
  )
  await fork.call('resumeFlowRun', { id }, {})
  const { type } = storedRun(fork, id)?.state ?? {}
  return type === stays ? [] : [`run ${id} ${became} while it was resumed, and is ${type}`]
}
