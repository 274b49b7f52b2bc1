import { Duration } from 'aws-cdk-lib'
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Bundle } from '../scripts/bundle.ts'

/** As functions/observe.ts publishes them; a test holds the two together. */
export const METRICS_NAMESPACE = 'pushpool'

/** What one function counted. */
export function countOf(name: Bundle['name'], metricName: string, period = Duration.minutes(1)): Metric {
  const dimensionsMap = { service: `${METRICS_NAMESPACE}-${name}` }
  return new Metric({ namespace: METRICS_NAMESPACE, metricName, dimensionsMap, statistic: 'Sum', period })
}

/** What all functions counted together. */
export function countEverywhere(metricName: string): MathExpression {
  const search = `SEARCH('{${METRICS_NAMESPACE},service} MetricName="${metricName}"', 'Sum', 60)`
  return new MathExpression({ expression: `SUM(${search})`, label: metricName, period: Duration.minutes(1) })
}
