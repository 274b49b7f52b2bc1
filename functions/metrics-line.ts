export interface MetricsLine {
  namespace: string
  service: string
  /** At most 100, by the format. */
  counts: ReadonlyMap<string, number>
  /** Milliseconds since 1970. */
  at: number
}

/**
 * Counts as a line of CloudWatch's embedded metric format, from which CloudWatch makes metrics when Lambda's log takes it.
 * Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricsLine({ namespace, service, counts, at }: MetricsLine): string {
  const metrics = [...counts.keys()].map((name) => ({ Name: name, Unit: 'Count' }))
  const directive = { Namespace: namespace, Dimensions: [['service']], Metrics: metrics }
  return JSON.stringify({
    _aws: { Timestamp: at, CloudWatchMetrics: [directive] },
    service,
    ...Object.fromEntries(counts),
  })
}
