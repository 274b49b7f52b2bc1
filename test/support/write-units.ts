import type { Table } from '#shared/storage/dynamo/table.ts'

interface Consumed {
  CapacityUnits?: number
}

/**
 * Counts what the writes of a table's client consume, indexes included, under the current step. The local engine's
 * figures were checked against DynamoDB's own.
 */
export function watchWriteUnits(table: Table): { step: (name: string) => void; units: () => Record<string, number> } {
  const { step, writes } = watchUnits(table)
  return { step, units: writes }
}

/** Counts what reads consume in all, beside what writes do under the current step. */
export function watchUnits(table: Table) {
  const units: Record<string, number> = {}
  let read = 0
  let step = ''
  table.client.middlewareStack.add(
    (next, context) => async (args) => {
      const under = step
      const input = { ...args.input, ReturnConsumedCapacity: 'INDEXES' }
      const result = await next({ ...args, input })
      const { ConsumedCapacity: consumed } = result.output as { ConsumedCapacity?: Consumed | Consumed[] }
      const total = [consumed ?? []].flat().reduce((sum, each) => sum + (each.CapacityUnits ?? 0), 0)
      if (/^(Get|BatchGet|Query|Scan|TransactGet)/.test(context.commandName ?? '')) read += total
      else units[under] = (units[under] ?? 0) + total
      return result
    },
    { step: 'initialize', name: 'watchUnits' },
  )
  return { step: (name: string) => void (step = name), writes: () => units, reads: () => read }
}
