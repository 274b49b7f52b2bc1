import { consumedCapacity, type Units } from './capacity.ts'

/** A response, and the units that the request took. */
export interface Answer {
  output: Record<string, unknown>
  units: Units
}

/** A response that says what was consumed, if the request wants to know. */
export function answered(name: string, output: object, units: Units, wanted: string | undefined): Answer {
  const ConsumedCapacity = consumedCapacity(name, units, wanted)
  return { output: { ...output, ...(ConsumedCapacity && { ConsumedCapacity }) }, units }
}

/** The same for a batch, which could concern several tables. */
export function answeredBatch(name: string, output: object, units: Units, wanted: string | undefined): Answer {
  const consumed = consumedCapacity(name, units, wanted)
  return { output: { ...output, ...(consumed && { ConsumedCapacity: [consumed] }) }, units }
}

/** The units of several writes together. */
export function summed(all: readonly Units[]): Units {
  const sum: Units = { table: 0, indexes: new Map() }
  for (const { table, indexes } of all) {
    sum.table += table
    for (const [name, units] of indexes) sum.indexes.set(name, (sum.indexes.get(name) ?? 0) + units)
  }
  return sum
}
