/** Names of bugs of different kinds, each found within a few worlds: what CI hunts at every change. */
export const SHORT_FORM: readonly string[] = [
  'a held run is deleted',
  'runs that wait for a limit are never handed out',
  'the tick sweeps nothing',
  'deletions that were cut short are not finished',
  'explain does not see the limits of deployments',
  'a release is not part of the transition',
  'lists by state leave out the runs that wait for a limit',
  'what silent workers hold has no lease',
  'a cancelling run releases its slots',
  'a run is written without checking whether it changed',
]
