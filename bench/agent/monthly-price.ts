import type { Units } from '../engine/unit-counter.ts'

/** List prices of us-east-1 in dollars, as of November 2026: aws.amazon.com/{dynamodb,lambda,api-gateway}/pricing. */
const PER_MILLION = { write: 0.625, read: 0.125, httpCall: 1, invocation: 0.2 }
/** On ARM. */
const PER_GB_SECOND = 0.0000133334
const MILLION = 1_000_000
const MIB_PER_GB = 1024
const HOURS_PER_MONTH = 730
/** Memory with which a function has one whole CPU; it has more or less of it in proportion. */
const MIB_PER_CPU = 1769
/** What a wait for DynamoDB is taken to last, which answers small reads within single-digit milliseconds. */
const TABLE_WAIT_MS = 4

/** What one function did in an hour. */
export interface FunctionHour extends Pick<Units, 'read' | 'write' | 'waits'> {
  invocations: number
  /** Of one invocation, on a whole CPU. */
  cpuMs: number
  memoryMib: number
}

/** Milliseconds that one invocation lasts on Lambda: computing on its part of a CPU, and waiting for the table. */
export function invocationMs({ invocations, cpuMs, waits, memoryMib }: FunctionHour): number {
  return cpuMs * Math.max(1, MIB_PER_CPU / memoryMib) + (waits / invocations) * TABLE_WAIT_MS
}

/**
 * Dollars a month, each call being one of the HTTP API and an invocation of each function: of what is counted exactly, and
 * with the functions' time, which is not.
 */
export function monthlyDollars(calls: number, functions: readonly FunctionHour[]): Record<string, number> {
  const sum = (of: (each: FunctionHour) => number) => functions.reduce((total, each) => total + of(each), 0)
  const gbSeconds = sum((each) => (invocationMs(each) / 1000) * each.invocations * (each.memoryMib / MIB_PER_GB))
  const hourly = {
    'HTTP API': (calls * PER_MILLION.httpCall) / MILLION,
    invocations: (sum(({ invocations }) => invocations) * PER_MILLION.invocation) / MILLION,
    reads: (sum(({ read }) => read) * PER_MILLION.read) / MILLION,
    writes: (sum(({ write }) => write) * PER_MILLION.write) / MILLION,
  }
  const monthly = Object.entries(hourly).map(([what, dollars]) => [what, dollars * HOURS_PER_MONTH] as const)
  const counted = monthly.reduce((total, [, dollars]) => total + dollars, 0)
  const time = gbSeconds * PER_GB_SECOND * HOURS_PER_MONTH
  return { ...Object.fromEntries(monthly), counted, 'GB-seconds': time, 'in all': counted + time }
}
