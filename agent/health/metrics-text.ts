import type { AgentStatus } from '../agent-status.ts'

/** The media type of OpenMetrics' text format (specification/OpenMetrics.md at v1.0.0, "Content-Type"). */
export const METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

const STATES: readonly AgentStatus['state'][] = ['starting', 'online', 'paused', 'draining', 'ended']

interface Metric {
  name: string
  type: 'counter' | 'gauge' | 'info' | 'stateset'
  /** The name ends with it, where there is one. */
  unit?: 'seconds' | 'bytes'
  help: string
  samples: readonly Sample[]
}

interface Sample {
  labels?: Record<string, string>
  /** What is not known has no sample. */
  value: number | null
}

/** An agent's figures in OpenMetrics' text format, to its end mark. */
export function metricsText(agent: { name: string; version: string }, status: AgentStatus): string {
  const metrics = [...identity(agent, status), ...work(status), ...contact(status)]
  return `${metrics.flatMap(linesOf).join('\n')}\n# EOF\n`
}

function identity({ name, version }: { name: string; version: string }, { state }: AgentStatus): Metric[] {
  return [
    { name: '', type: 'info', help: 'Who this is.', samples: [{ labels: { name, version }, value: 1 }] },
    {
      name: 'state',
      type: 'stateset',
      help: 'What it is doing.',
      samples: STATES.map((each) => ({ labels: { pushpool_agent_state: each }, value: each === state ? 1 : 0 })),
    },
  ]
}

function work(status: AgentStatus): Metric[] {
  return [
    count('claimed_runs', 'Runs that were taken.', status.claimed),
    {
      name: 'ended_runs',
      type: 'counter',
      help: 'Runs that have ended here, by how.',
      samples: Object.entries(status.outcomes).map(([outcome, value]) => ({ labels: { outcome }, value })),
    },
    gauge('held_runs', 'Runs that are held now.', status.holding),
    gauge('running_runs', 'Runs that have a process now.', status.running),
    gauge('free_slots', 'How many runs it would take now; absent without a limit.', status.slotsFree),
  ]
}

function contact(status: AgentStatus): Metric[] {
  return [
    {
      name: 'calls',
      type: 'counter',
      help: 'Claim calls, by whether they were answered.',
      samples: Object.entries(status.calls).map(([result, value]) => ({ labels: { result }, value })),
    },
    gauge('last_answer_age_seconds', 'Since a claim call was answered.', status.lastAnswerAgeSeconds, 'seconds'),
    count('lease_renewals', 'How often the lease on its runs was renewed.', status.leaseRenewals),
    gauge(
      'lease_left_seconds',
      'How long the lease still is; absent while nothing is held.',
      status.leaseSecondsLeft,
      'seconds',
    ),
    gauge('spooled_log_bytes', "Output that is not in its runs' logs yet.", status.spooledLogBytes, 'bytes'),
    gauge('spooled_states', 'States of runs that are not reported yet.', status.spooledStates),
  ]
}

function count(name: string, help: string, value: number): Metric {
  return { name, type: 'counter', help, samples: [{ value }] }
}

function gauge(name: string, help: string, value: number | null, unit?: Metric['unit']): Metric {
  return { name, type: 'gauge', help, samples: [{ value }], ...(unit && { unit }) }
}

/** "MetricFamily name", its metadata and its samples; those of a counter and of an info have a suffix of their own. */
function linesOf({ name, type, unit, help, samples }: Metric): string[] {
  const family = name === '' ? 'pushpool_agent' : `pushpool_agent_${name}`
  const suffix = { counter: '_total', info: '_info', gauge: '', stateset: '' }[type]
  const known = samples.filter(({ value }) => value !== null)
  if (known.length === 0) return []
  return [
    `# TYPE ${family} ${type}`,
    ...(unit ? [`# UNIT ${family} ${unit}`] : []),
    `# HELP ${family} ${help}`,
    ...known.map(({ labels = {}, value }) => `${family}${suffix}${labelsText(labels)} ${Number(value?.toFixed(1))}`),
  ]
}

function labelsText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
