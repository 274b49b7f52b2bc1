import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { countOf, longestOf } from './metrics.ts'
import type { PoolParts } from './pool-parts.ts'

interface AlarmTerms {
  metric: IMetric
  description: string
  /** Goes off above this; 0 by default. */
  above?: number
  /** Goes off below this instead. */
  below?: number
  /** Periods in a row. */
  periods?: number
  /** Whether silence is as bad. */
  missingIsBad?: boolean
}

const LATE = Duration.minutes(5)
const BUSY_MAX = 10

/**
 * Ten alarms, as many as CloudWatch gives for nothing. docs/operations.md says of each what to do, under its name.
 */
export class Alarms extends Construct {
  readonly #topic: ITopic | undefined

  constructor(scope: Construct, id: string, { pool, topic }: { pool: PoolParts; topic: ITopic | undefined }) {
    super(scope, id)
    this.#topic = topic
    for (const [name, terms] of Object.entries({ ...queueAlarms(pool), ...functionAlarms(pool) }))
      this.#add(name, terms)
  }

  #add(name: string, { metric, description, above = 0, below, periods = 1, missingIsBad = false }: AlarmTerms): void {
    const { LESS_THAN_THRESHOLD, GREATER_THAN_THRESHOLD } = ComparisonOperator
    const alarm = new Alarm(this, name, {
      metric,
      alarmDescription: `${description} What to do: docs/operations.md, ${name}.`,
      threshold: below ?? above,
      comparisonOperator: below === undefined ? GREATER_THAN_THRESHOLD : LESS_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: missingIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    })
    if (!this.#topic) return
    alarm.addAlarmAction(new SnsAction(this.#topic))
    alarm.addOkAction(new SnsAction(this.#topic))
  }
}

function queueAlarms({ wakeUps, taskEvents, deadTicks }: PoolParts): Record<string, AlarmTerms> {
  const depth = { period: Duration.minutes(1), statistic: 'Maximum' }
  return {
    WakeUpsDead: {
      metric: wakeUps.deadLetters.metricApproximateNumberOfMessagesVisible(depth),
      description: 'Wake-ups or stop requests for tasks failed five times.',
    },
    TaskEventsDead: {
      metric: taskEvents.deadLetters.metricApproximateNumberOfMessagesVisible(depth),
      description: 'ECS task state changes failed to apply five times, or could not be delivered.',
    },
    TicksDead: {
      metric: deadTicks.metricApproximateNumberOfMessagesVisible(depth),
      description: 'The dispatcher or the sweeper failed a tick twice.',
    },
    TaskEventsLate: {
      metric: taskEvents.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1) }),
      description: 'ECS task state changes are waiting to be applied, so run states are out of date.',
      above: LATE.toSeconds(),
      periods: 3,
    },
  }
}

function functionAlarms(pool: PoolParts): Record<string, AlarmTerms> {
  const { sweeper } = pool.functions
  return {
    OldestReadyRun: {
      // Longer than the tick's period, or the alarm would end and begin again between two of them.
      metric: longestOf(pool, 'sweeper', 'OldestReadySeconds', LATE),
      description: "A push pool's run has been due and unblocked for five minutes without being launched.",
      above: LATE.toSeconds(),
    },
    SlotDrift: {
      metric: countOf(pool, 'sweeper', 'SlotDrift'),
      description:
        "A limit's count differed from the runs that hold its slots, and was corrected. This must never happen.",
    },
    UnexpectedErrors: {
      metric: countOf(pool, 'api', 'UnexpectedErrors'),
      description: 'The API answered 500.',
    },
    StorageBusy: {
      metric: countOf(pool, 'api', 'StorageBusy', Duration.minutes(5)),
      description: 'The API answered 503 because the table throttled or kept conflicting.',
      above: BUSY_MAX,
    },
    SweepFailing: {
      metric: countOf(pool, 'sweeper', 'Sweep_failures'),
      description: 'A part of the sweep failed on three ticks in a row.',
      periods: 3,
    },
    TicksMissing: {
      metric: sweeper.lambda.metricInvocations({ period: Duration.minutes(1), statistic: 'Sum' }),
      description: 'No tick for five minutes: nothing is repaired, and runs that only a tick starts do not start.',
      below: 1,
      periods: 5,
      missingIsBad: true,
    },
  }
}
