/** A world in which something once went wrong, or may, so that it always runs. */
export interface KnownSeed {
  seed: number
  profile: string
  /** What happens in it. */
  story: string
  /** Why it stays. */
  why: string
}

/** A seed that fails joins these in the commit that makes it pass. */
export const KNOWN_SEEDS: readonly KnownSeed[] = [
  {
    seed: 1146,
    profile: 'unknown outcomes',
    story: 'A run is resumed at the moment at which its pause times out and fails it.',
    why: 'The resume was decided afresh, as a retry: the failed run was scheduled again.',
  },
  {
    seed: 50268,
    profile: 'differing clocks',
    story: 'A run is explained while a first limit counts that a clock far ahead has looked at.',
    why: 'Until that time has come the limit does not open, and the look ahead must wait for it.',
  },
  {
    seed: 51143,
    profile: 'conflicts',
    story: 'A hint of room in a pull pool is throttled away, and a later run is polled first.',
    why: 'The sweep hints once more; until then polls and explanations differ.',
  },
  {
    seed: 7227,
    profile: 'calm',
    story:
      'A pool comes to call workers silent after one minute, no longer after four, while one calls each half minute.',
    why: 'Its calls were noted by the time of before: the run at which it worked was crashed.',
  },
  {
    seed: 3940559982,
    profile: 'everything at other times',
    story: 'A run is accepted into a state, deleted, and created again by its key where the clock is behind.',
    why: 'A check took the new life for the old one, as it looked older than the answer.',
  },
  {
    seed: 2757013614,
    profile: 'everything',
    story: 'The first limits of two deployments count at the same time, and one of their runs is explained.',
    why: 'The look ahead let both limits open, and took the runs of the other for no reason to wait.',
  },
  {
    seed: 1754608582,
    profile: 'crashes',
    story: 'An agent asks for two runs, behind a row of runs whose deployment has one slot.',
    why: 'What was read of the first queue were those alone, and the second slot went to the next queue.',
  },
  {
    seed: 2868783694,
    profile: 'everything at other times',
    story:
      'A launch is lost whose deployment is then deleted, and the run is put back to wait a quarter of an hour later.',
    why: 'A check took it for one that a delete had forgotten; its turn was still to come.',
  },
]
