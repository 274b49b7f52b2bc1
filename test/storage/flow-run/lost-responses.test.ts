import { expect, it, onTestFinished } from 'vitest'
import { advance } from '#shared/flow-run/advance.ts'
import { newState } from '#shared/flow-run/state.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { startDynoxide } from '../../../local/engine/dynoxide.ts'
import { aClaim, at, runIn } from '../../support/fixtures/a-run.ts'
import { putLimits } from '../../support/fixtures/put-limits.ts'

/** A table whose first request of this kind is carried out but times out for the SDK. */
async function forgetfulTable(command: string) {
  const engine = await startDynoxide()
  const table = openTable({ tableName: 'pushpool', endpoint: engine.endpoint })
  onTestFinished(async () => {
    table.client.destroy()
    await engine.stop()
  })
  await ensureTable(table)
  let [asked, forgetting] = [0, false]
  table.client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args)
      if (!forgetting || context.commandName !== command) return answer
      asked += 1
      if (asked > 1) return answer
      throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' })
    },
    { step: 'deserialize', name: 'forgetful', priority: 'low' },
  )
  return { table, asked: () => asked, forget: () => (forgetting = true) }
}

const SLOTS: LimitKey[] = ['pool#p', 'queue#q', 'deployment#d']
const run = runIn('RUNNING', { claim: aClaim({ slots: SLOTS }) })

it.each([
  ['PutItemCommand', { ...run, infrastructurePid: '1' }, 0],
  ['TransactWriteItemsCommand', advance(run, newState('COMPLETED', at(10))), -1],
])('after a lost response to a %s, the SDK retries and we recognize our own write', async (command, after, active) => {
  const { table, asked, forget } = await forgetfulTable(command)
  await createRun(table, run)
  await putLimits(table, { 'pool#p': 10, 'queue#q': 5, 'deployment#d': null })
  forget()
  expect(await saveRun(table, run, after)).toBe(true)
  expect(asked()).toBe(2)
  expect(await getRun(table, run.id)).toEqual({ ...after, revision: run.revision + 1 })
  const limits = [...(await getLimits(table, SLOTS)).values()]
  expect(limits.map((limit) => limit.active)).toEqual([active, active, active])
})
