import type { CancellationReason, TransactWriteItem, TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb'
import { parseStartedBy, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { transactionCancelled } from '../../table/service-errors.ts'
import type { Fork } from '../fork.ts'

/** From now on no question that concerns a run's task is answered, nor, if it is unwritable, anything written about it. */
export function jam({ table, ecs }: Pick<Fork, 'table' | 'ecs'>, run: FlowRun, unwritable: boolean): void {
  const answer = table.answer.bind(table)
  const startedBy = startedByOf(run)
  const arns = new Set(ecs.started.filter(({ news }) => news.startedBy === startedBy).map(({ news }) => news.taskArn))
  table.answer = (command, input) => {
    if (unwritable && WRITES.has(command) && JSON.stringify(input).includes(`"run#${run.id}"`)) throw tooLarge()
    return answer(command, input)
  }
  ecs.fail = ({ subjects }) =>
    subjects.some((each) => arns.has(each) || parseStartedBy(each)?.id === run.id) ? unreadable() : undefined
}

/** From now on a run is always written by others at the moment at which its slots are counted. Returns what ends that. */
export function keepBusy({ table }: Pick<Fork, 'table'>, run: FlowRun): () => void {
  const answer = table.answer.bind(table)
  table.answer = (command, input) => {
    const text = command === 'TransactWriteItemsCommand' ? JSON.stringify(input) : ''
    if (text.includes(`"run#${run.id}"`) && text.includes('"limit#deployment#'))
      throw transactionCancelled((input as TransactWriteItemsCommandInput).TransactItems?.map(reasonOf) ?? [])
    return answer(command, input)
  }
  return () => {
    table.answer = answer
  }
}

const reasonOf = (action: TransactWriteItem): CancellationReason => ({
  Code: JSON.stringify(action).includes('"run#') ? 'ConditionalCheckFailed' : 'None',
})

const WRITES = new Set(['PutItemCommand', 'UpdateItemCommand', 'TransactWriteItemsCommand'])

/** What no repetition changes. */
const tooLarge = () =>
  Object.assign(new Error('Item size to update has exceeded the maximum allowed size'), { name: 'ValidationException' })
const unreadable = () =>
  Object.assign(new SyntaxError('Unexpected token < in JSON at position 0'), { $fault: 'client' })
