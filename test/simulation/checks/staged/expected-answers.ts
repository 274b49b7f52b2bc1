/** The letters of states. */
export const STATES = {
  SCHEDULED: 'S',
  PENDING: 'P',
  RUNNING: 'R',
  PAUSED: 'Z',
  CANCELLING: 'X',
  CANCELLED: 'K',
  COMPLETED: 'C',
  FAILED: 'F',
  CRASHED: 'D',
}

/** What comes of proposals by those who run flows. */
const BY_WORKERS = {
  waiting: 'acS acP+ acR+ reS reS reK acK acC acF acD abS acS acP+ acR+ acZ acZ reK acK acC acF acD',
  'waiting for its time': 'acS acP+ waS reS reS reK acK acC acF acD abS acS acP+ acR+ acZ acZ reK acK acC acF acD',
  claimed: 'acS abP+ acR+ reP+ reP+ acX+ acK acC acF acD abP+ acS abP+ acR+ acZ+ acZ acX+ acK acC acF acD',
  running: 'acS abR+ acR+ acZ+ acZ acX+ acK acC acF acD abR+ acS abR+ acR+ acZ+ acZ acX+ acK acC acF acD',
  paused: 'acS abZ+ acR+ reZ+ reZ+ acX+ acK acC acF acD acR+ acS abZ+ acR+ acZ+ acZ acX+ acK acC acF acD',
  'paused too long': 'reF abZ+ reF reZ+ reZ+ acX+ acK acC acF acD reF acS abZ+ acR+ acZ+ acZ acX+ acK acC acF acD',
  'paused before': 'acS abR+ acR+ reR+ acZ acX+ acK acC acF acD abR+ acS abR+ acR+ acZ+ acZ acX+ acK acC acF acD',
  suspended: 'acS abZ abZ reZ reZ reK acK acC acF acD acS acS abZ abZ acZ acZ reK acK acC acF acD',
  cancelling: 'reX+ reX+ reX+ reX+ reX+ reX+ acK reX+ reX+ reX+ abX+ acS abX+ acR+ acZ+ acZ acX+ acK acC acF acD',
  cancelled: 'acS abK abK abK abK abK abK abK abK abK abK acS abK abK abK abK abK acK acC acF acD',
  completed: 'acS abC abC abC abC abC abC abC abC abC abC acS abC abC abC abC abC acK acC acF acD',
  failed: 'acS abF abF abF abF abF abF abF abF abF abF acS abF abF abF abF abF acK acC acF acD',
  crashed: 'acS abD abD abD abD abD abD abD abD abD abD acS abD abD abD abD abD acK acC acF acD',
}

/**
 * What comes of each proposal, by how a run is worked on and how far it has come, as docs/state-machine.md has it, told here
 * once more: the status of the answer (`ac`, `re`, `ab`, `wa`: accepted, rejected, aborted, told to wait) and the state after it, with a `+`
 * while it holds slots.
 */
export const EXPECTED = {
  worker: BY_WORKERS,
  flow: {
    ...BY_WORKERS,
    cancelling: 'reX+ reX+ reX+ reX+ reX+ reX+ acK reX+ reX+ reX+ abX+ acS abX+ acR+ acZ+ acZ acX+ acK acC acF reX+',
  },
  command: {
    waiting: 'acS acP+ acR+ reS reS reK acK acC acF acD abS acS acP+ acR+ acZ acZ reK acK acC acF acD',
    'waiting for its time': 'acS acP+ waS reS reS reK acK acC acF acD abS acS acP+ acR+ acZ acZ reK acK acC acF acD',
    claimed: 'abP+ abP+ acR+ abP+ abP+ acX+ reX+ abP+ abP+ abP+ abP+ abP+ abP+ acR+ abP+ abP+ acX+ reX+ abP+ abP+ abP+',
    running: 'abR+ abR+ acR+ abR+ abR+ acX+ reX+ abR+ abR+ abR+ abR+ abR+ abR+ acR+ abR+ abR+ acX+ reX+ abR+ abR+ abR+',
    cancelling:
      'reX+ reX+ reX+ reX+ reX+ reX+ reX+ reX+ reX+ reX+ abX+ reX+ abX+ acR+ reX+ reX+ acX+ reX+ reX+ reX+ reX+',
  },
}
