import { describe, expect, it, onTestFinished } from 'vitest'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { writeLogs } from '#shared/engine/log/write-logs.ts'
import { TableChanges } from '../../../local/engine/table-changes.ts'
import { createRuns } from '../../support/fixtures/fixtures.ts'
import { type PullWork, pullForEachTest } from '../../support/pull-for-each-test.ts'

let work: PullWork
pullForEachTest((opened) => (work = opened))

const WAIT_SECONDS = 10

function openChanges(): TableChanges {
  const changes = new TableChanges(work.world.table)
  onTestFinished(() => changes.close())
  return changes
}

describe('changes of a table', () => {
  it('are what may bring work, and not how it goes on', async () => {
    const { world, deployment } = work
    const changes = openChanges()
    const [run] = await createRuns(world, deployment, 1)
    const created = changes.count
    expect(created).toBeGreaterThan(0)
    const runId = run?.id ?? ''
    await setState(world, runId, { type: 'PENDING' })
    await setState(world, runId, { type: 'RUNNING' })
    await writeLogs(world, [{ runId, taskRunId: null, name: 'a', level: 20, message: 'b', timestamp: 1 }])
    expect(changes.count).toBe(created)
    await setState(world, runId, { type: 'CANCELLING' })
    const cancelling = changes.count
    expect(cancelling).toBeGreaterThan(created)
    await setState(world, runId, { type: 'CANCELLED' })
    expect(changes.count).toBeGreaterThan(cancelling)
  })

  it('are heard by all who wait, by their rank, the longest waiting first and for a moment alone', async () => {
    const changes = openChanges()
    const heard: string[] = []
    const before = changes.count
    const wait = (name: string, rank: number) =>
      changes.next(before, { seconds: WAIT_SECONDS, rank }).then(() => heard.push(name))
    const fourth = wait('fourth', 2)
    const first = wait('first', 0)
    const others = Promise.all([fourth, wait('second', 1), wait('third', 1)])
    await createRuns(work.world, work.deployment, 1)
    await first
    expect(heard).toEqual(['first'])
    await others
    expect(heard).toEqual(['first', 'second', 'third', 'fourth'])
  })

  it('are heard by who comes while others still hear of them', async () => {
    const changes = openChanges()
    const before = changes.count
    const wait = { seconds: WAIT_SECONDS, rank: 0 }
    const [first, second] = [changes.next(before, wait), changes.next(before, wait)]
    await createRuns(work.world, work.deployment, 1)
    await first
    const late = changes.next(before, wait).then(() => 'late')
    await second
    expect(await late).toBe('late')
  })
})
