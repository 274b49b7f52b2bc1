import fc from 'fast-check'
import type { Claim, FlowRun, FlowRunDetails } from '../../shared/flow-run/flow-run.ts'
import { asRunId } from '../../shared/flow-run/ids.ts'
import { defaultStateName, type PastState, type State, STATE_TYPES } from '../../shared/flow-run/state.ts'
import { NEVER } from '../../shared/instant.ts'
import { HISTORY_MAX, HISTORY_MESSAGE_MAX } from '../../shared/limits.ts'

const instant = fc.integer({ min: 0, max: NEVER })
const text = fc.string({ unit: 'grapheme', maxLength: 60 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary)
/** As it comes out of a request: without the -0 that JSON does not know. */
const json = fc.jsonValue({ maxDepth: 4 }).map((value): unknown => JSON.parse(JSON.stringify(value)))
const record = fc.dictionary(text, json, { maxKeys: 5 })
const name = fc.oneof(fc.constantFrom('Late', 'AwaitingRetry', 'Submitting', 'TimedOut'), text.filter(Boolean))
const count = fc.integer({ min: 0, max: 1_000_000 })

const details = fc.record(
  {
    scheduledTime: instant,
    pauseTimeout: instant,
    pauseReschedule: fc.boolean(),
    pauseKey: text,
    transitionId: fc.uuid(),
    untrackableResult: fc.boolean(),
    other: record.filter((members) => Object.keys(members).length > 0),
  },
  { requiredKeys: [] },
)

const state: fc.Arbitrary<State> = fc
  .record({
    type: fc.constantFrom(...STATE_TYPES),
    name: maybe(name),
    timestamp: instant,
    message: maybe(text.filter(Boolean)),
    data: json,
    details,
  })
  .map((given) => ({ ...given, name: given.name ?? defaultStateName(given.type) }))

const past: fc.Arbitrary<PastState> = fc
  .record({
    type: fc.constantFrom(...STATE_TYPES),
    name: maybe(name),
    timestamp: instant,
    message: maybe(fc.string({ minLength: 1, maxLength: HISTORY_MESSAGE_MAX })),
  })
  .map((given) => ({ ...given, name: given.name ?? defaultStateName(given.type) }))

const claim: fc.Arbitrary<Claim> = fc.record({
  id: fc.base64String({ minLength: 16, maxLength: 16 }),
  by: fc.record({ kind: fc.constantFrom('dispatcher', 'client', 'agent'), name: maybe(text.filter(Boolean)) }),
  at: instant,
  leaseUntil: instant,
  slots: fc.constant([]),
})

export const someDetailsOf = (parameters: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<FlowRunDetails> =>
  fc.record({
    name: text,
    tags: fc.array(text, { maxLength: 4 }),
    labels: record,
    parameters,
    context: record,
    jobVariables: record,
    idempotencyKey: maybe(text),
    parentTaskRunId: maybe(fc.uuid()),
    parentFlowRunId: maybe(fc.uuid()),
    autoScheduled: fc.boolean(),
    createdBy: maybe(record),
    flowVersion: maybe(text),
    deploymentVersion: maybe(text),
    infrastructureDocumentId: maybe(fc.uuid()),
  })

/** Any run that the storage may be asked to keep, sensible or not, with no slots to give back. */
export const arbitraryRun: fc.Arbitrary<FlowRun> = fc.record({
  id: fc.uuid().map(asRunId),
  flowId: fc.uuid(),
  deploymentId: maybe(fc.uuid()),
  poolId: maybe(fc.uuid()),
  queueId: maybe(fc.uuid()),
  job: fc.constantFrom('command', 'flow'),
  state,
  stateSequence: fc.integer({ min: 1, max: 100_000 }),
  history: fc.array(past, { maxLength: HISTORY_MAX }),
  generation: count,
  claim: maybe(claim),
  launch: maybe(fc.record({ attempt: count, taskArn: maybe(text.filter(Boolean)), taskVersion: count })),
  launchRefusals: count,
  blockedBy: maybe(fc.uuid().map((id) => `deployment#${id}` as const)),
  timeoutSeconds: maybe(fc.double({ min: 0.001, max: 1e6, noNaN: true })),
  policy: fc.record({
    maxRetries: count,
    retryDelaySeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    retries: maybe(count),
    retryDelay: maybe(fc.double({ min: 0.001, max: 1e6, noNaN: true })),
    pauseKeys: fc.array(text, { maxLength: 3 }),
    resuming: fc.boolean(),
    retryType: maybe(fc.constantFrom('in_process', 'reschedule')),
  }),
  runCount: count,
  expectedStartTime: instant,
  nextScheduledStartTime: maybe(instant),
  startTime: maybe(instant),
  endTime: maybe(instant),
  totalRunTimeSeconds: fc.double({ min: 0.000001, max: 1e9, noNaN: true }),
  infrastructurePid: maybe(text.filter(Boolean)),
  created: instant,
  updated: instant,
  revision: fc.integer({ min: 0, max: 1_000_000_000 }),
  details: someDetailsOf(record),
})
