import { expect, it } from 'vitest'
import { Chance } from '../../machine/chance.ts'
import { WorldClock } from '../../machine/world-clock.ts'
import { MemoryTable } from '../../table/memory-table.ts'
import { Fork } from '../fork.ts'
import { STAGES } from './staged.ts'

/** Each is staged in several ways. */
const WAYS = 24

it.each(STAGES.map(({ stage }) => ({ name: stage.name, stage })))(
  'comes out as it should in a service of its own: $name',
  async ({ stage }) => {
    const wrong: string[] = []
    for (let way = 0; way < WAYS; way += 1) {
      const nothing = { table: new MemoryTable('pushpool'), clock: new WorldClock(), ecs: { started: [] } }
      wrong.push(...(await stage(new Fork(nothing, new Chance(`fork ${way}`)), new Chance(`way ${way}`))))
    }
    expect(wrong).toEqual([])
  },
)
