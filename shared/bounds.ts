/** Constants with their reasons. Each has its unit in its name; dependent ones are asserted together below. */

/**
 * Runs claimed in one transaction. A DynamoDB transaction holds 100 actions: at worst a run and its deployment's limit
 * each, and the limits of pool and queue.
 */
export const CLAIM_BATCH_MAX = 25
const TRANSACTION_ACTIONS_MAX = 100

/** Candidates read from one queue at a time; twice a batch, so that a page of lost races still fills the next claim. */
export const CANDIDATES_MAX = 2 * CLAIM_BATCH_MAX

/** A push claim with no recorded task after this long is a lost launch. A dispatcher must be done launching by then. */
export const LAUNCH_GRACE_SECONDS = 60
/** After this the dispatcher launches nothing more from a claim and leaves it to the sweep. */
export const LAUNCH_WINDOW_SECONDS = 30
/** A launched task must be RUNNING by then. ECS keeps unplaceable tasks PROVISIONING for 10 to 30 minutes. */
export const START_TIMEOUT_SECONDS = 15 * 60
/** How long a running task counts as alive after the last evidence; then ECS is queried. */
export const EVIDENCE_SECONDS = 15 * 60
/** A run that is paused and keeps its process is inspected this often: four writes a day. */
export const PAUSE_LEASE_SECONDS = 6 * 60 * 60
/** A run that can't be inspected is tried again after this; the wait doubles from the first to the second figure. */
export const INSPECTION_BACKOFF_SECONDS = { first: 2 * 60, max: 30 * 60 }
/** How soon a cancelling run is looked at again, in case the stop was lost. */
export const CANCEL_CHECK_SECONDS = 60
/**
 * How long an agent's hold counts without a word from it: what a session asks for when it asks for nothing, and the
 * bounds of what it may ask for. A third of it is used before it is written anew.
 */
export const SESSION_LEASE_SECONDS = { min: 5, usual: 180, max: 3_600 }
/** Runs that agents hold have no lease but their session's; so often it is made sure that a session lists them. */
export const AGENT_HOLD_CHECK_SECONDS = 6 * 60 * 60
/** A claim call waits for work no longer, since API Gateway gives an answer 30 seconds. */
export const CLAIM_WAIT_SECONDS_MAX = 25
/** An agent's heartbeat, which its pool's status goes by, is written down this often. */
export const AGENT_BEAT_SECONDS = 90
/** The longest pause of an agent that ends by itself. */
export const AGENT_PAUSE_SECONDS_MAX = 30 * 24 * 3_600
/**
 * A cancelling run that a client holds ends by itself after this long, when its process is not reported gone (Prefect's
 * server does the same since 3.7.5).
 */
export const CLIENT_CANCEL_SECONDS = 300
/**
 * Until this age of its claim a launch is repeated under its token, then looked up by `startedBy` alone. ECS honours a
 * clientToken for the lesser of 24 hours and the task's life plus one hour, so it could be longer; but a launch that ECS
 * does not answer holds slots that another run could use.
 */
export const TOKEN_TRUST_SECONDS = 10 * 60
/** How soon a launch is repeated that ECS did not answer. */
export const RELAUNCH_SECONDS = 2 * 60
/** A run whose launch ECS did not answer in so many generations in a row has crashed. */
export const UNANSWERED_GENERATIONS_MAX = 3
/** ECS guarantees to show a stopped task for one hour; a missing task is proof of its end only after that. */
export const STOPPED_VISIBLE_SECONDS = 60 * 60

/** Launches refused for lack of capacity: the wait before the next try doubles from the first to the second figure. */
export const CAPACITY_BACKOFF_SECONDS = { first: 10, max: 300 }

/**
 * DynamoDB gives no bound for how long an index lags, and mostly it is a fraction of a second. A run that is missing from
 * one for longer than this is taken to be gone, where nothing proves it sooner.
 */
export const INDEX_LAG_SECONDS_MAX = 5 * 60
/**
 * Between two looks at who holds slots under a deployment's first limit: longer than a run can be missed that moves in the
 * index while it is read. The wake-up for the second comes a second later, as clocks differ.
 */
export const LOOKS_APART_SECONDS = 2

/** SQS can delay a message by 15 minutes at most. */
export const WAKE_UP_DELAY_SECONDS_MAX = 900
/** Runs due later than this are left to the tick that comes first. */
export const WAKE_UP_AHEAD_SECONDS = 90
/** Runs that are due later than this when they are written wait in a line of their own: see phase.ts. */
export const LATER_AHEAD_SECONDS = 2 * 60
/** The schedule's period; EventBridge has no finer one. */
export const TICK_SECONDS = 60

/** A scheduled run that is this late is called Late (Prefect's `services.late_runs.after_seconds`). */
export const LATE_AFTER_SECONDS = 15
/** A worker is OFFLINE after this many missed heartbeats (Prefect's default). */
export const WORKER_MISSED_BEATS_MAX = 3
export const WORKER_BEAT_SECONDS_DEFAULT = 30
/** A queue counts as polled for this long (Prefect's health check policy). */
export const POLLED_RECENTLY_SECONDS = 60
/** A poll is written down at most this often per queue; the figure is only ever compared with the one above. */
export const POLL_RECORD_SECONDS = 15

/** Page size of list endpoints: Prefect's default, and its maximum. */
export const PAGE_MAX = 200
/** Runs that one list or count request looks at before it gives up with a clear error. */
export const SCAN_RUNS_MAX = 20_000

/** Waiting runs that one request to delete a pool or queue cancels; the client repeats it for the rest. */
export const DELETE_CANCELS_MAX = 2_000
/** Runs shown as holders of slots in one answer: some 250 bytes each, of the 6 MB that a Lambda may answer. */
export const HOLDERS_SHOWN_MAX = 2_000

/** Past states kept on a run. */
export const HISTORY_MAX = 40
/** Characters of a state's message that are kept in the history; the current state keeps MESSAGE_MAX. */
export const HISTORY_MESSAGE_MAX = 200
export const MESSAGE_MAX = 4_000

/** Launches kept of earlier generations, and refused writes, some 250 and 60 bytes each. */
export const PAST_LAUNCHES_MAX = 5
export const REFUSED_WRITES_KEPT_MAX = 5
/** Refused writes that are written down at all: an old process that goes on for ever must not cost a write each time. */
export const REFUSED_WRITES_MAX = 50

/** Details up to this size live in the run's own item: one write fewer, and the item still stays under 1 KB. */
export const INLINE_DETAILS_BYTES_MAX = 256
/** A DynamoDB item holds 400 KB, keys and attribute names included. */
export const ITEM_BYTES_MAX = 380_000

/** ECS accepts at most this many characters of overrides per RunTask, JSON included. */
export const OVERRIDES_CHARS_MAX = 8192

/** A run's or a deployment's parameters, in bytes of JSON (Prefect's `server.api.max_parameter_size`). */
export const PARAMETERS_BYTES_MAX = 524_288

/** An input of a run, in one item. */
export const INPUT_BYTES_MAX = 350_000

/**
 * Bytes of runs' details in one answer. Lambda sends 6 MB (6,291,556 bytes), in which a large body takes a third more
 * as it is encoded, and each run some 2 KB beside its details.
 */
export const ANSWER_DETAILS_BYTES_MAX = 4_000_000
/** A body that Lambda can send, encoded. */
export const ANSWER_BYTES_MAX = 4_700_000

/** Request bodies; API Gateway itself would take 10 MB. */
export const BODY_BYTES_MAX = 1_000_000
export const JSON_DEPTH_MAX = 64

if (LATER_AHEAD_SECONDS <= WAKE_UP_AHEAD_SECONDS) throw new RangeError('what a wake-up is armed for must be in line')
if (2 * CLAIM_BATCH_MAX + 2 > TRANSACTION_ACTIONS_MAX) throw new RangeError('a claim batch must fit into a transaction')
if (TOKEN_TRUST_SECONDS < 2 * RELAUNCH_SECONDS) throw new RangeError('a launch must be repeated more than once')
if (LAUNCH_WINDOW_SECONDS * 2 > LAUNCH_GRACE_SECONDS) throw new RangeError('a launch must end before it counts as lost')
if (TOKEN_TRUST_SECONDS >= STOPPED_VISIBLE_SECONDS) throw new RangeError('a token must not outlive what ECS remembers')
