import type { Table } from '#shared/storage/dynamo/table.ts'
import { MemoryTable } from '../../test/simulation/table/memory-table.ts'

/**
 * In place of `ensureTable` while mutants are tried out: answers the table's requests from memory. Middleware that
 * injects faults or counts units sees them as ever.
 */
export function ensureTable({ client, name }: Table): Promise<void> {
  const table = new MemoryTable(name)
  client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      // oxlint-disable-next-line typescript/require-await -- errors reach the caller as rejections
      async ({ input }) => {
        const output = { ...table.answer(commandName, input), $metadata: { httpStatusCode: 200 } }
        return { response: {}, output: output as never }
      },
    { step: 'initialize', priority: 'low', name: 'keepInMemory' },
  )
  return Promise.resolve()
}
