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
  'was left alone': { states: [], stays: 'RUNNING' },
}
const KEYS = { schema: 'late-schema', response: 'late-response' }

/**
 * Has a paused run change while it is being resumed: a resume is of the pause that it has read, and gives the run its
 * input only if it is the one that resumes it.
 */
export async function lateResume(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, false)
  const id = await create(fork, await deploy(fork, place))
  for (const type of ['PENDING', 'RUNNING']) await proposed(fork, id, type)
  const details = { run_input_keyset: KEYS }
  await fork.call('setFlowRunState', { id }, { state: { type: 'PAUSED', state_details: details } })
  await fork.call('createFlowRunInput', { id }, { key: KEYS.schema, value: '{"type": "object"}' })
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
  const { body } = await fork.call('resumeFlowRun', { id }, { run_input: { approve: true } })
  const { type } = storedRun(fork, id)?.state ?? {}
  if (type !== stays) return [`run ${id} ${became} while it was resumed, and is ${type}`]
  const given = (await fork.call('getFlowRunInput', { id, key: KEYS.response })).status === 200
  const resumed = body.status === 'ACCEPT'
  if (given === resumed && resumed === (states.length === 0)) return []
  return [
    `run ${id} ${became} while it was resumed, which was answered ${body.status}, and its input is ${given ? '' : 'not '}there`,
  ]
}
