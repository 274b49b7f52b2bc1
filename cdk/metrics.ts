import { Duration } from 'aws-cdk-lib'
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { FunctionName } from '#shared/config.ts'

/** As functions/runtime/observe.ts publishes them; a test holds the two together. */
export const METRICS_NAMESPACE = 'pushpool'
const MINUTE = Duration.minutes(1)

/** Whose figures: two stacks in one account and region must not set off each other's alarms. */
interface Whose {
  name: string
}

/** What one function counted. */
export function countOf(pool: Whose, name: FunctionName, metricName: string, period = MINUTE): Metric {
  return metricOf(pool, name, { metricName, statistic: 'Sum', period })
}

/** The longest time that one function noted. */
export function longestOf(pool: Whose, name: FunctionName, metricName: string, period = MINUTE): Metric {
  return metricOf(pool, name, { metricName, statistic: 'Maximum', period })
}

function metricOf(
  pool: Whose,
  name: FunctionName,
  rest: { metricName: string; statistic: string; period: Duration },
): Metric {
  const dimensionsMap = { stack: pool.name, service: `${METRICS_NAMESPACE}-${name}` }
  return new Metric({ namespace: METRICS_NAMESPACE, dimensionsMap, ...rest })
}

/** What all functions counted together. */
export function countEverywhere(pool: Whose, metricName: string): MathExpression {
  const terms = `{${METRICS_NAMESPACE},stack,service} stack="${pool.name}" MetricName="${metricName}"`
  return new MathExpression({ expression: `SUM(SEARCH('${terms}', 'Sum', 60))`, label: metricName, period: MINUTE })
}
