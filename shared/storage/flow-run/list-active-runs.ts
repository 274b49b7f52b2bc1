import { activePhase } from '#shared/flow-run/phase.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { PHASE_INDEX, type Table } from '#shared/storage/dynamo/table.ts'

/** The ids of a deployment's runs that are active in a pool, or in none, as the index shows them. */
export async function listActiveRuns(table: Table, poolId: string | null, deploymentId: string): Promise<string[]> {
  const rows = await queryAll(table, {
    index: PHASE_INDEX,
    keyCondition: '#phase = :phase',
    filter: '#deploymentId = :deploymentId',
    values: { phase: activePhase(poolId), deploymentId },
  })
  return rows.map((row) => String(row.pk).slice('run#'.length))
}
