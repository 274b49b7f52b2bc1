import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Chance } from '../../machine/chance.ts'
import { type Call, isWrite } from '../../machine/faults.ts'
import type { Process } from '../../machine/process.ts'
import { type Effect, type ForeseenWrite, standInName } from '../../table/commands/foresee.ts'
import { MemoryTable } from '../../table/memory-table.ts'
import type { WorldTable } from '../../table/world-table.ts'
import { changes, changesOnly, kindOf, type Write } from './rival.ts'
import { rivalsOf } from './rivals.ts'

interface Request {
  Key?: Record<string, { S?: string }>
  Item?: Record<string, { S?: string }>
  ConditionExpression?: string
  UpdateExpression?: string
  TransactItems?: TransactWriteItem[]
}

/** Of the forms of writes in a world, the share that is looked at: what is wrong with one is soon found in another world. */
const SHARE = 0.4
/** Numbers that may rise once too often: they only say that something may have changed. */
const SIGNS = ['revision', 'epoch']

/**
 * Asks of each write whether it would be refused if another had come first, which is what conditions of writes are for. A
 * condition that is missing is found at the first write of its form, and not only where two happen to meet.
 */
export class UnguardedWrites {
  /** What was wrong so far. */
  readonly problems: string[] = []
  readonly #seen = new Set<string>()
  readonly #chance: Chance
  readonly #share: number

  constructor(chance: Chance, share = SHARE) {
    this.#chance = chance
    this.#share = share
  }

  /** Notes what is wrong with a write that is about to be made. */
  look(table: WorldTable, { verb }: Pick<Process, 'verb'>, call: Call): void {
    if (!(table instanceof MemoryTable) || !isWrite(call)) return
    const form = `${verb} ${formOf(call.input as Request)}`
    if (this.#seen.has(form)) return
    const write = this.#chance.of(form).hits(this.#share) ? table.foresee(call.name, call.input as object) : null
    if (write === undefined) return
    this.#seen.add(form)
    if (write === null) return
    const found = [...overlooked(write, table.item.bind(table)), ...repeated(write)]
    this.problems.push(...found.map((problem) => `I6 ${problem} (${verb})`))
  }
}

/** What a write would overlook that another may have done. */
function overlooked({ effects, given }: ForeseenWrite, item: Write['item']): string[] {
  return effects.flatMap((effect) =>
    rivalsOf(effect.key).flatMap(({ did, leaves }) => {
      const standIns = leaves(effect, { effects, item })
      return standIns && given(standIns) ? [`${standInName(effect.key)} would be written although it ${did}`] : []
    }),
  )
}

/** Slots that are taken without a lease are taken as often as somebody asks. */
const isLoose = (effect: Effect): boolean => kindOf(effect.key) === 'limit#global' && !changes(effect, 'leased')

/** What a write would change once more, if it were made twice, as one may be whose answer is lost. */
function repeated({ effects, given }: ForeseenWrite): string[] {
  const again = given(new Map(effects.map(({ key, after }) => [standInName(key), after])))
  return (again ?? [])
    .filter((effect) => effect.before !== effect.after && !changesOnly(effect, SIGNS) && !isLoose(effect))
    .map(({ key }) => `${standInName(key)} would be changed twice by a write that is made twice`)
}

function formOf({
  Key: key,
  Item: item,
  ConditionExpression: condition,
  UpdateExpression: update,
  TransactItems: actions,
}: Request): string {
  if (actions)
    return actions
      .map((action) => Object.entries(action).map(([name, each]) => `${name} ${formOf(each as Request)}`))
      .join(' + ')
  const { pk, sk } = key ?? item ?? {}
  return `${kindOf({ pk: pk?.S ?? '', sk: sk?.S ?? '' })} ${update} ${condition}`
}
