import { isWrite } from '../../machine/faults.ts'
import type { Fork } from '../fork.ts'

/** A request that a process makes of the table. */
export interface TableCall {
  command: string
  /** What it is about, as text. */
  input: string
  isWrite: boolean
}

/** Lets others act right before the next request of this kind, or right after it, unseen by the process that makes it. */
export function interrupt(
  { table }: Pick<Fork, 'table'>,
  when: 'before' | 'after',
  is: (call: TableCall) => boolean,
  act: () => Promise<unknown>,
): void {
  const answer = table.answer.bind(table)
  table.answer = (command, input) => {
    const call = { command, input: JSON.stringify(input), isWrite: isWrite({ name: command.replace(/Command$/, '') }) }
    if (!is(call)) return answer(command, input)
    table.answer = answer
    const both = async () => {
      if (when === 'before') await act()
      const answered = answer(command, input)
      if (when === 'after') await act()
      return answered
    }
    // Whoever calls awaits what it is answered.
    return both() as unknown as Record<string, unknown>
  }
}
