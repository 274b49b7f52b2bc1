import { isRecord } from '#shared/json/is-record.ts'

type Pairs = Record<string, unknown>

/**
 * Merges names and values, later ones over earlier ones. Each layer is a map, or a list of pairs as ECS writes it:
 * `{name, value}`, `{key, value}`, or `{name, valueFrom}` for secrets. A layer that is neither is answered as it is,
 * for the reader of the result to report; undefined when no layer says anything.
 */
export function mergePairs(...layers: readonly unknown[]): unknown {
  const given = layers.filter((layer) => layer !== undefined && layer !== null && layer !== '')
  if (given.length === 0) return undefined
  const maps = given.map(mapOf)
  const unusable = maps.indexOf(undefined)
  return unusable < 0 ? Object.fromEntries(maps.flatMap((map) => Object.entries(map ?? {}))) : given[unusable]
}

function mapOf(layer: unknown): Pairs | undefined {
  if (isRecord(layer)) return layer
  if (!Array.isArray(layer)) return undefined
  const pairs = layer.map(pairOf)
  return pairs.includes(undefined) ? undefined : Object.fromEntries(pairs as [string, unknown][])
}

function pairOf(item: unknown): [string, unknown] | undefined {
  if (!isRecord(item)) return undefined
  const name = item.name ?? item.key
  return typeof name === 'string' ? [name, item.value ?? item.valueFrom ?? null] : undefined
}
