import type { Chance } from '../../machine/chance.ts'
import { isWrite } from '../../machine/faults.ts'
import type { Fork } from '../fork.ts'

/** A process that dies has made so many writes at most. */
const WRITES_MAX = 5
const DIES_SHARE = 0.5

/** Lets the process that acts die at one of its writes, at times. */
export async function cutShort(
  { table }: Pick<Fork, 'table'>,
  chance: Chance,
  act: () => Promise<void>,
): Promise<void> {
  let writes = chance.hits(DIES_SHARE) ? chance.whole(0, WRITES_MAX) : Infinity
  const answer = table.answer.bind(table)
  table.answer = (command, input) => {
    if (isWrite({ name: command.replace(/Command$/, '') })) writes -= 1
    if (writes < 0) throw new Error('the process died')
    return answer(command, input)
  }
  await act()
  table.answer = answer
}
