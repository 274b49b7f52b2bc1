import { Duration } from 'aws-cdk-lib'
import { Dashboard, GraphWidget, type IMetric, Metric, Row } from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import { countEverywhere, longestOf } from './metrics.ts'
import type { PoolParts } from './pool-parts.ts'

const MINUTE = Duration.minutes(1)
const WIDTH = 8

/** One page that shows whether work comes in, gets out and comes back, and what stands in its way. */
export class PoolDashboard extends Construct {
  constructor(scope: Construct, id: string, pool: PoolParts) {
    super(scope, id)
    const dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(3) })
    dashboard.addWidgets(new Row(...runs(pool)), new Row(...api(pool)), new Row(...inside(pool)))
  }
}

function graph(title: string, left: IMetric[], right: IMetric[] = []): GraphWidget {
  return new GraphWidget({ title, left, right, width: WIDTH, leftYAxis: { min: 0 } })
}

function runs(pool: PoolParts): GraphWidget[] {
  const counts = (...names: string[]) => names.map((name) => countEverywhere(pool, name))
  return [
    graph(
      'Runs; age of the oldest ready run, s',
      counts('RunsCreated', 'Claims_claimed', 'RunsLaunched', 'TaskEvents_stored'),
      [longestOf(pool, 'sweeper', 'OldestReadySeconds')],
    ),
    graph(
      'Launch problems',
      counts('LaunchesThrottled', 'LaunchesRefused', 'LaunchesUnknown', 'LaunchesCutShort', 'LaunchesRepeated'),
    ),
    graph(
      'Repairs and failures',
      counts('SlotDrift', 'Sweep_failures', 'DispatchesFailed', 'StopsFailed', 'MessagesDropped', 'WakeUpsFailed'),
    ),
  ]
}

function api({ api: { httpApi }, functions }: PoolParts): GraphWidget[] {
  const latency = (statistic: string) => httpApi.metricLatency({ statistic, period: MINUTE, label: statistic })
  const count = { period: MINUTE }
  const errors = [httpApi.metricClientError(count), httpApi.metricServerError(count)]
  const all = functions.all.map(({ lambda, node }) => ({ lambda, label: node.id }))
  return [
    graph('API requests', [httpApi.metricCount(count)], errors),
    graph('API latency, ms', [latency('p50'), latency('p99')]),
    graph(
      'Functions: time p99, ms; errors',
      all.map(({ lambda, label }) => lambda.metricDuration({ statistic: 'p99', period: MINUTE, label })),
      all.map(({ lambda, label }) => lambda.metricErrors({ period: MINUTE, label: `${label} errors` })),
    ),
  ]
}

function inside({ table, wakeUps, taskEvents, deadTicks }: PoolParts): GraphWidget[] {
  const { tableName } = table.table
  const ofTable = (metricName: string) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: tableName },
      statistic: 'Sum',
      period: MINUTE,
    })
  const deep = { period: MINUTE, statistic: 'Maximum' }
  const age = { wakeUps, taskEvents }
  const dead = { wakeUps: wakeUps.deadLetters, taskEvents: taskEvents.deadLetters, ticks: deadTicks }
  return [
    graph(
      'Table: units; throttled',
      ['ConsumedWriteCapacityUnits', 'ConsumedReadCapacityUnits'].map(ofTable),
      ['WriteThrottleEvents', 'ReadThrottleEvents'].map(ofTable),
    ),
    graph(
      'Oldest message, s',
      Object.entries(age).map(([label, { queue }]) =>
        queue.metricApproximateAgeOfOldestMessage({ period: MINUTE, label }),
      ),
    ),
    graph(
      'Dead letters',
      Object.entries(dead).map(([label, queue]) => queue.metricApproximateNumberOfMessagesVisible({ ...deep, label })),
    ),
  ]
}
