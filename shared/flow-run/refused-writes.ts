import { REFUSED_WRITES_KEPT_MAX, REFUSED_WRITES_MAX } from '#shared/bounds.ts'
import type { FlowRun, RefusedWrite, RefusedWrites } from './flow-run.ts'

/**
 * The refused writes of a run with one more; undefined when it is not worth a write: one of its kind and generation is
 * known, or there were very many.
 */
export function withRefusedWrite(
  run: Pick<FlowRun, 'life' | 'refusedWrites'>,
  refused: Omit<RefusedWrite, 'life'> & { life?: string | undefined },
): RefusedWrites | undefined {
  const { count, last } = run.refusedWrites
  const { at, generation, what } = refused
  const life = refused.life === undefined || refused.life === run.life ? null : refused.life
  const known = last.some((one) => one.generation === generation && one.what === what && one.life === life)
  if (known || count >= REFUSED_WRITES_MAX) return undefined
  return { count: count + 1, last: [...last, { at, generation, life, what }].slice(-REFUSED_WRITES_KEPT_MAX) }
}
