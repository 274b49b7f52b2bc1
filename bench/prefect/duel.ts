import { median, quantile } from '../report/statistics.ts'
import { loadRound, type Round } from '../service/load.ts'
import type { Row } from '../workload.ts'
import { type Contenders, SIDES, type Side } from './contenders.ts'
import type { DuelSizes } from './sizes.ts'

/** What one client does again and again, on each side. */
export type Operations = Record<Side, () => Promise<unknown>>

type Rounds = Record<Side, Round[]>

/**
 * Puts the same load on both sides, in turns: what disturbs the machine for a while disturbs both, and the ratio is taken
 * round by round. Who begins changes from round to round. Failed requests are added to the errors.
 */
export async function duel(
  { sides }: Contenders,
  load: Pick<DuelSizes, 'rounds' | 'seconds'> & { clients: number; operations: Operations },
  errors: string[],
): Promise<Row> {
  const rounds: Rounds = { pushpool: [], Prefect: [] }
  const cpuMs: Record<Side, number> = { pushpool: 0, Prefect: 0 }
  const round = (side: Side, seconds: number) =>
    loadRound({ clients: load.clients, operation: load.operations[side] }, seconds, errors)
  for (const side of SIDES) await round(side, load.seconds / 2)
  for (let at = 0; at < load.rounds; at += 1) {
    for (const side of at % 2 === 0 ? SIDES : SIDES.toReversed()) {
      const before = sides[side].cpuMs()
      rounds[side].push(await round(side, load.seconds))
      cpuMs[side] += sides[side].cpuMs() - before
    }
  }
  return { clients: load.clients, ...rowOf(rounds, cpuMs) }
}

function rowOf(rounds: Rounds, cpuMs: Record<Side, number>): Row {
  const ratios = rounds.pushpool.map(({ perSecond }, at) => perSecond / (rounds.Prefect[at]?.perSecond ?? Number.NaN))
  const rate = (side: Side) => median(rounds[side].map(({ perSecond }) => perSecond))
  const latencies = (side: Side) => rounds[side].flatMap(({ latenciesMs }) => latenciesMs)
  return {
    'pushpool/s': rate('pushpool'),
    'Prefect/s': rate('Prefect'),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    'pushpool p50 ms': quantile(latencies('pushpool'), 0.5),
    'Prefect p50 ms': quantile(latencies('Prefect'), 0.5),
    'pushpool CPU ms': cpuMs.pushpool / latencies('pushpool').length,
    'Prefect CPU ms': cpuMs.Prefect / latencies('Prefect').length,
  }
}

/** How to read the rows. */
export const DUEL_NOTES = [
  "Ratio: pushpool's rate over Prefect's, round by round: the median, and the lowest and highest of the rounds.",
  'CPU of the server and its storage per operation; the client is not included.',
]
