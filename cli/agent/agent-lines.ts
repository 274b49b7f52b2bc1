import { formatDuration } from '../duration.ts'
import { type Column, tableText } from '../table.ts'
import type { ListedAgent } from './find-agent.ts'

const COLUMNS: readonly Column[] = [
  { title: 'Name' },
  { title: 'ID', right: true },
  { title: 'Status' },
  { title: 'Work Pool' },
  { title: 'Queues' },
  { title: 'Holds', right: true },
  { title: 'Last Seen' },
]

/** Agents as a table for people. */
export function agentTable(agents: readonly ListedAgent[], now: number): string {
  const rows = agents.map((agent) => [
    agent.paused ? `${agent.name} (**)` : agent.name,
    agent.id,
    agent.status,
    agent.work_pool_name,
    agent.queues.join(', '),
    heldOf(agent),
    agoText(agent.last_seen, now),
  ])
  return tableText('Agents', COLUMNS, rows, '(**) denotes a paused agent')
}

/** An agent in all detail, in the form in which Prefect's command line shows an object. */
export function agentDetail(agent: ListedAgent, now: number): string {
  const { capacity, paused } = agent
  const members: [string, string][] = [
    ['id', quoted(agent.id)],
    ['created', quoted(agoText(agent.created, now))],
    ['name', quoted(agent.name)],
    ['status', quoted(agent.status)],
    ['work_pool_name', quoted(agent.work_pool_name)],
    ['queues', `[${agent.queues.map(quoted).join(', ')}]`],
    ['host', quoted(agent.host)],
    ['version', quoted(agent.version)],
    ['last_seen', quoted(agoText(agent.last_seen, now))],
    ['capacity', `(slots=${capacity.slots}, cpu=${capacity.cpu ?? 'None'}, memory=${capacity.memory ?? 'None'})`],
    ['lease_until', quoted(agent.lease_until)],
    ['paused', paused ? pauseText(paused) : 'None'],
    ['draining', agent.draining ? 'True' : 'False'],
  ]
  const holds = agent.holds.map(
    ({ flow_run_id, generation }) => `        (flow_run_id=${quoted(flow_run_id)}, generation=${generation}),`,
  )
  const lines = members.map(([name, value]) => `    ${name}=${value},`)
  return [
    'Agent(',
    ...lines,
    ...(holds.length > 0 ? ['    holds=[', ...holds, '    ],'] : ['    holds=[],']),
    ')',
  ].join('\n')
}

/** What an agent without a limit says that it has. */
const UNLIMITED_SLOTS = 1_000

const heldOf = ({ holds, capacity: { slots } }: ListedAgent) =>
  slots < UNLIMITED_SLOTS ? `${holds.length} of ${slots}` : String(holds.length)

/** Python's way to write text, which is what the form is. */
function quoted(text: string | null): string {
  return text === null ? 'None' : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
}

function pauseText({ until, note }: NonNullable<ListedAgent['paused']>): string {
  return `(until=${quoted(until)}, note=${quoted(note)})`
}

/** `42s ago`, in its largest unit. */
function agoText(instant: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(instant)) / 1000)
  const [largest = '0s'] = /^\d+[dhms]/.exec(formatDuration(seconds)) ?? []
  return `${largest} ago`
}
