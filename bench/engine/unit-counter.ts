import type { Table } from '#shared/storage/dynamo/table.ts'

/** Capacity units as DynamoDB bills them, and the requests that they came in. */
export interface Units {
  write: number
  read: number
  requests: number
  /** Those of the requests that read. */
  reads: number
  /** How often requests were waited for: several at once count once. */
  waits: number
}

interface Consumed {
  CapacityUnits?: number
}

const READS = new Set([
  'GetItemCommand',
  'BatchGetItemCommand',
  'QueryCommand',
  'ScanCommand',
  'TransactGetItemsCommand',
])

/**
 * Adds up what the requests of a table's client consume (ReturnConsumedCapacity=INDEXES), under the step that is named
 * at the time.
 */
export class UnitCounter {
  step = ''
  readonly #steps = new Map<string, Units>()
  #underWay = 0

  /** Starts to count the requests of a table's client. */
  watch(table: Table): void {
    table.client.middlewareStack.add(
      (next, context) => async (args) => {
        const step = this.step
        const input = { ...args.input, ReturnConsumedCapacity: 'INDEXES' }
        const waits = this.#underWay === 0 ? 1 : 0
        this.#underWay += 1
        const result = await next({ ...args, input }).finally(() => {
          this.#underWay -= 1
        })
        const { ConsumedCapacity: consumed } = result.output as { ConsumedCapacity?: Consumed | Consumed[] }
        const total = [consumed ?? []].flat().reduce((sum, each) => sum + (each.CapacityUnits ?? 0), 0)
        this.#add(
          step,
          READS.has(context.commandName ?? '') ? { read: total, reads: 1, waits } : { write: total, waits },
        )
        return result
      },
      { step: 'initialize', name: 'unitCounter' },
    )
  }

  /** What was counted under a step. */
  of(step: string): Units {
    return this.#steps.get(step) ?? { write: 0, read: 0, requests: 0, reads: 0, waits: 0 }
  }

  reset(): void {
    this.#steps.clear()
  }

  #add(step: string, { read = 0, write = 0, reads = 0, waits = 0 }: Partial<Units>): void {
    const before = this.of(step)
    this.#steps.set(step, {
      write: before.write + write,
      read: before.read + read,
      requests: before.requests + 1,
      reads: before.reads + reads,
      waits: before.waits + waits,
    })
  }
}
