import type { Context } from 'aws-lambda'
import type { Log, Metrics } from '#shared/deps.ts'
import { type Figure, metricsLine } from './metrics-line.ts'
import { originalStack } from './original-stack.ts'

export const METRICS_NAMESPACE = 'pushpool'

export interface Observer {
  log: Log
  metrics: Metrics
  /** Names the invocation that the lines to come belong to. */
  begin(context: Context | undefined): void
  /** Writes the figures that came together since the last time. */
  flush(): void
}

/**
 * A function's observability: JSON lines, and figures in CloudWatch's embedded metric format, both on standard output:
 * Lambda's console would put words of its own before each. The usual library for this is 34 KB of each bundle. The
 * figures are separate by stack, as an account and region may have several.
 */
export function observe(
  functionName: string,
  stack: string,
  write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Observer {
  const service = `${METRICS_NAMESPACE}-${functionName}`
  const figures = new Map<string, Figure>()
  let invocation: Record<string, string> = {}
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    write(JSON.stringify({ level, message, timestamp: new Date(), service, ...invocation, ...fields }, plain))
  return {
    log: { info: at('INFO'), warn: at('WARN'), error: at('ERROR') },
    metrics: {
      count: (name, value) => {
        figures.set(name, { unit: 'Count', value: (figures.get(name)?.value ?? 0) + value })
      },
      seconds: (name, value) => {
        figures.set(name, { unit: 'Seconds', value: Math.max(figures.get(name)?.value ?? 0, value) })
      },
    },
    begin: (context) => {
      invocation = context?.awsRequestId ? { function_request_id: context.awsRequestId } : {}
    },
    flush: () => {
      const line = { namespace: METRICS_NAMESPACE, dimensions: { stack, service }, figures, at: Date.now() }
      if (figures.size > 0) write(metricsLine(line))
      figures.clear()
    },
  }
}

/** A log line must not fail because of errors, which JSON writes without members, or bigints, which it rejects. */
function plain(key: string, value: unknown): unknown {
  if (key === 'stack' && typeof value === 'string') return originalStack(value)
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack }
  return typeof value === 'bigint' ? String(value) : value
}

/**
 * A handler whose lines name the invocation, and whose figures are written at its end, however it ends. What it throws is
 * logged by Lambda, or lands in a queue of failures, with positions in the source tree.
 */
export function observed<Event, Result>(
  observer: Observer,
  handler: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  return async (event, context) => {
    observer.begin(context)
    try {
      return await handler(event, context)
    } catch (error) {
      if (error instanceof Error && error.stack) error.stack = originalStack(error.stack)
      throw error
    } finally {
      observer.flush()
    }
  }
}
