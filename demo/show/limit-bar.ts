import { paint } from './colour.ts'

const CELLS = 10
const CALM_SHARE = 0.6
const BUSY_SHARE = 0.8

/** `urgent ■■■■■■■■■■ 2 / 2`, green up to 60 % of the limit, yellow up to 80 %, red above. */
export function limitBar(name: string, held: number, limit: number | null): string {
  const share = limit ? held / limit : 0
  const full = Math.min(CELLS, Math.round(share * CELLS))
  const colour = share <= CALM_SHARE ? 'green' : share <= BUSY_SHARE ? 'yellow' : 'red'
  const bar = paint(colour, '■'.repeat(full)) + paint('dim', '·'.repeat(CELLS - full))
  return `${name} ${bar} ${held} / ${limit ?? '∞'}`
}
