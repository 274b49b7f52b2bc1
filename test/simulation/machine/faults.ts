import {
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb'
import type { RunTaskOutcome } from '#shared/deps.ts'
import type { Chance } from './chance.ts'

/** What can happen to a process at one of its calls. */
export const FAULTS = [
  'dies before',
  'dies after',
  'fails before',
  'answer lost',
  'made twice',
  'conflict',
  'throttled',
  'partial batch',
  'short page',
  'stands still',
  'overtaken',
] as const
export type Fault = (typeof FAULTS)[number]

/** How often each fault strikes a call that it can strike, from 0 to 1. */
export type FaultRates = Readonly<Record<Fault, number>>

export const NO_FAULTS: FaultRates = {
  'dies before': 0,
  'dies after': 0,
  'fails before': 0,
  'answer lost': 0,
  'made twice': 0,
  conflict: 0,
  throttled: 0,
  'partial batch': 0,
  'short page': 0,
  'stands still': 0,
  overtaken: 0,
}

/** A call that leaves a process: `TransactWriteItems`, `tasks run`. */
export interface Call {
  name: string
  input: unknown
}

const READS = /^(?:Query|GetItem|BatchGetItem|Scan|tasks describe|tasks list|answers)$/
const BATCHES = /Batch/
/** Writes of items. */
const WRITES = /^(?:Put|Update|Delete|TransactWrite)/

export function isWrite({ name }: Pick<Call, 'name'>): boolean {
  return !READS.test(name)
}

/** Whether a fault can strike a call at all. */
export function strikes(fault: Fault, call: Pick<Call, 'name'>): boolean {
  if (fault === 'made twice') return isWrite(call)
  if (fault === 'overtaken' || fault === 'conflict') return WRITES.test(call.name)
  if (fault === 'partial batch') return BATCHES.test(call.name)
  if (fault === 'short page') return call.name === 'Query'
  return fault !== 'throttled' || call.name !== 'answers'
}

/** What makes most of the calls of a world. */
const OFTEN = new Set([
  'tick',
  'sweep',
  'wake-up',
  'task event',
  'createFlowRunFromDeployment',
  'setFlowRunState',
  'pollWorkPool',
  'claimWork',
])
/**
 * The share of invocations of everything else that meet one fault for certain, and of those that come all the time: single
 * calls are too few for each fault to be met by each verb.
 */
const DESTINED = { rare: 0.75, often: 0.08 }
/** The latest call at which such a fault comes. */
const DESTINED_CALL_MAX = 5
/** These strike few calls, so where they can they come oftener. */
const SELDOM: ReadonlySet<Fault> = new Set(['made twice', 'conflict', 'partial batch', 'short page'])

/** An invocation's call that is struck for certain: by its number, or the first of a kind. */
export type Destiny = { kind: 'call'; number: number } | { kind: 'write' | 'query' | 'batch' }
/** The fault that strikes nothing but calls of a kind. */
const OWN: Partial<Record<Destiny['kind'], Fault>> = { query: 'short page', batch: 'partial batch' }
const KINDS = ['write', 'write', 'write', 'query', 'batch', 'call', 'call', 'call'] as const

/** What an invocation of a verb is destined to; null as a rule. */
export function destinyOf(all: Chance, verb: string): Destiny | null {
  const chance = all.of('destiny')
  if (!chance.hits(OFTEN.has(verb) ? DESTINED.often : DESTINED.rare)) return null
  const kind = chance.pick(KINDS) ?? 'call'
  return kind === 'call' ? { kind, number: 1 + Math.floor(DESTINED_CALL_MAX * chance.next() ** 2) } : { kind }
}

/** How often what was struck once is struck again. */
const AGAIN_SHARE = 0.4

/** What an invocation is destined to once it was struck: at times the search that comes with trying again fails, too. */
export function nextDestiny(all: Chance): Destiny | null {
  return all.of('destined again').hits(AGAIN_SHARE) ? { kind: 'query' } : null
}

/** Whether an invocation's call, by its number, is the one that is destined to be struck. */
export function isDestined(destiny: Destiny, call: Pick<Call, 'name'>, number: number): boolean {
  switch (destiny.kind) {
    case 'call':
      return destiny.number === number
    case 'write':
      return isWrite(call)
    case 'query':
      return strikes('short page', call)
    case 'batch':
      return strikes('partial batch', call)
  }
}

/** The fault by which a call is struck that is destined to be; null where none of a world's can strike it. */
export function destinedFault(all: Chance, rates: FaultRates, call: Call, { kind }: Destiny): Fault | null {
  const possible = FAULTS.filter((fault) => rates[fault] > 0 && strikes(fault, call))
  const own = OWN[kind]
  if (own !== undefined && possible.includes(own)) return own
  const often = possible.filter((fault) => SELDOM.has(fault))
  return all.of('destined').pick([...possible, ...often, ...often, ...often]) ?? null
}

/** The fault that strikes a call; null as a rule. Each is drawn for each call: one left out moves no other. */
export function draw(chance: Chance, rates: FaultRates, call: Call): Fault | null {
  let struck: Fault | null = null
  for (const fault of FAULTS) {
    const hit = chance.hits(rates[fault])
    if (hit && struck === null && strikes(fault, call)) struck = fault
  }
  return struck
}

/**
 * What a process gets in place of an answer to a call that is refused: DynamoDB's errors of a conflict with a transaction,
 * which the table's client has tried again in vain, and of throttling
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html), and ECS's outcome.
 */
export function refusal(fault: 'conflict' | 'throttled', call: Call, chance: Chance): Error | RunTaskOutcome {
  if (call.name === 'tasks run') return { kind: 'throttled' }
  if (call.name === 'TransactWriteItems') {
    return cancelled(
      call.input as TransactWriteItemsCommandInput,
      fault === 'conflict' ? 'TransactionConflict' : 'ThrottlingError',
      chance,
    )
  }
  if (call.name.startsWith('tasks') || call.name === 'SendMessageBatch')
    return Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' })
  return fault === 'conflict'
    ? new TransactionConflictException({ message: 'ongoing transaction for the item', $metadata: {} })
    : new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} })
}

function cancelled({ TransactItems = [] }: TransactWriteItemsCommandInput, code: string, chance: Chance): Error {
  const met = chance.whole(0, TransactItems.length - 1)
  return new TransactionCanceledException({
    message: 'Transaction cancelled, please refer cancellation reasons for specific reasons',
    CancellationReasons: TransactItems.map((_, at) => ({ Code: at === met ? code : 'None' })),
    $metadata: {},
  })
}
