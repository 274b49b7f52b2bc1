/** One figure of a metric, in a unit of CloudWatch's. */
export interface Figure {
  value: number
  unit: 'Count' | 'Seconds'
}

export interface MetricsLine {
  namespace: string
  /** Distinguishes metrics of one name. */
  dimensions: Record<string, string>
  /** At most 100, by the format. */
  figures: ReadonlyMap<string, Figure>
  /** Milliseconds since 1970. */
  at: number
}

/**
 * Figures as a line of CloudWatch's embedded metric format, from which CloudWatch makes metrics when Lambda's log takes it.
 * Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricsLine({ namespace, dimensions, figures, at }: MetricsLine): string {
  const metrics = [...figures].map(([name, { unit }]) => ({ Name: name, Unit: unit }))
  const directive = { Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics: metrics }
  return JSON.stringify({
    _aws: { Timestamp: at, CloudWatchMetrics: [directive] },
    ...dimensions,
    ...Object.fromEntries([...figures].map(([name, { value }]) => [name, value])),
  })
}
