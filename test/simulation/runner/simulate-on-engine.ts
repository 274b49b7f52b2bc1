import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { startDynoxide } from '../../../local/engine/dynoxide.ts'
import { sendDirectly } from '../../../local/engine/send-directly.ts'
import { type Report, type SimulateOptions, simulateWorld } from '../simulate-world.ts'
import { EngineTwin } from '../table/differential/engine-twin.ts'

/** Runs worlds on the real engine, one after the other; what the table in memory answers differently is a problem. */
export interface EngineWorlds {
  simulate(options: SimulateOptions): Promise<Report>
  close(): Promise<void>
}

/** Starts an engine for worlds. */
export async function openEngineWorlds(): Promise<EngineWorlds> {
  const engine = await startDynoxide()
  const table = openTable({ tableName: 'pushpool', endpoint: engine.endpoint })
  const direct = sendDirectly(table, engine.endpoint)
  return {
    simulate: async (options) => {
      await ensureTable(table)
      const twin = new EngineTwin(table)
      const report = await simulateWorld({ ...options, table: twin })
      await twin.compareContents()
      await table.client.send(new DeleteTableCommand({ TableName: table.name }))
      return { ...report, problems: [...report.problems, ...twin.differences] }
    },
    close: async () => {
      direct.close()
      table.client.destroy()
      await engine.stop()
    },
  }
}
