import { activePhase } from '#shared/flow-run/phase.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { PHASE_INDEX, type Table } from '#shared/storage/dynamo/table.ts'

/** A run that is active, as the index shows it. */
export interface ActiveRow {
  runId: string
  deploymentId: string | null
}

/** The runs that are active in a pool, or in none, as the index shows them; with a deployment, those of that alone. */
export async function listActiveRuns(table: Table, poolId: string | null, deploymentId?: string): Promise<ActiveRow[]> {
  const rows = await queryAll(table, {
    index: PHASE_INDEX,
    keyCondition: '#phase = :phase',
    values: { phase: activePhase(poolId), ...(deploymentId === undefined ? {} : { deploymentId }) },
    ...(deploymentId === undefined ? {} : { filter: '#deploymentId = :deploymentId' }),
  })
  return rows.map((row) => ({
    runId: String(row.pk).slice('run#'.length),
    deploymentId: (row.deploymentId as string | undefined) ?? null,
  }))
}
