import { Logger } from '@aws-lambda-powertools/logger'
import { MetricUnit, Metrics as EmfMetrics } from '@aws-lambda-powertools/metrics'
import type { Context } from 'aws-lambda'
import type { Log, Metrics } from '../shared/deps.ts'

export const METRICS_NAMESPACE = 'pushpool'

export interface Observer {
  log: Log
  metrics: Metrics
  /** Names the invocation that the lines to come belong to. */
  begin(context: Context | undefined): void
  /** Writes the counts that came together since the last time. */
  flush(): void
}

/**
 * What operators see of a function: JSON lines, and counts in CloudWatch's embedded metric format, both on standard
 * output. Set POWERTOOLS_LOG_LEVEL=SILENT and POWERTOOLS_METRICS_DISABLED=true to see nothing.
 */
export function observe(functionName: string): Observer {
  const serviceName = `${METRICS_NAMESPACE}-${functionName}`
  const logger = new Logger({ serviceName })
  const metrics = new EmfMetrics({ namespace: METRICS_NAMESPACE, serviceName })
  return {
    log: {
      info: (message, fields = {}) => logger.info(message, fields),
      warn: (message, fields = {}) => logger.warn(message, fields),
      error: (message, fields = {}) => logger.error(message, fields),
    },
    metrics: { count: (name, value) => metrics.addMetric(name, MetricUnit.Count, value) },
    begin: (context) => {
      if (context?.awsRequestId) logger.addContext(context)
    },
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
    },
  }
}

/** A handler whose lines name the invocation, and whose counts are written at its end, however it ends. */
export function observed<Event, Result>(
  observer: Observer,
  handler: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  return async (event, context) => {
    observer.begin(context)
    try {
      return await handler(event, context)
    } finally {
      observer.flush()
    }
  }
}
