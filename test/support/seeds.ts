/**
 * The seeds that a test goes through: 1 to `count`, or to the environment's SEEDS; SEED=n replays just one.
 * A failing test has its seed in its name.
 */
export function seeds(count: number): number[] {
  const { SEED, SEEDS } = process.env
  if (SEED) return [Number(SEED)]
  return Array.from({ length: Number(SEEDS ?? count) }, (_, n) => n + 1)
}
