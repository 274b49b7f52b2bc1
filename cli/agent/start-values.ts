import type { Command } from 'commander'

/** The options of `pushpool agent start` as they were typed. */
export interface AgentValues {
  workQueue?: string[]
  pool?: string
  match?: string[]
  tag?: string[]
  order?: string
  limit?: string
  limitPerFlow?: string
  flowLimit?: string[]
  cpu?: string
  memory?: string
  prefetchSeconds?: string
  leaseSeconds?: string
  runOnce?: boolean
  exitWhenIdle?: string
  drainTimeout?: string
  killGrace?: string
  workDir?: string
  keepFailed?: boolean
  api?: string
  apiKeyFile?: string
  name?: string
  stateDir?: string
  healthAddr?: string
  logFormat?: string
  hideWelcome?: boolean
}

/** Where the API is, and the key for it: what all commands that call it share. */
export function defineApi(command: Command): Command {
  return command
    .option('--api <url>', 'the API (PUSHPOOL_API_URL, PREFECT_API_URL)')
    .option('--api-key-file <file>', 'a file with the API key (PUSHPOOL_API_KEY_FILE; else PUSHPOOL_API_KEY)')
}

/** Declares the options of an agent, those of Prefect's under the names that they have there. */
export function defineAgent(command: Command): void {
  command.argument('[queue]', 'a work queue, by name or id (deprecated: use -q)')
  defineWork(command)
  defineRoom(command)
  defineTimes(command)
  defineProcess(command)
}

function defineWork(command: Command): void {
  command
    .optionsGroup('What it takes:')
    .option('-q, --work-queue <name>', 'a work queue; repeat it for more, the most urgent first', collect)
    .option('-p, --pool <name>', 'the work pool (default: default-agent-pool); alone: all its queues by priority')
    .option('-m, --match <prefix>', 'all work queues whose names begin so; repeatable', collect)
    .option('-t, --tag <tag>', 'a tag of runs; repeatable (deprecated: use -q)', collect)
    .option('--order <order>', 'strict: a queue before the next; fair: all in turn (default: strict)')
    .option('--prefetch-seconds <s>', 'take runs so long before they are due (default: 10)')
}

function defineRoom(command: Command): void {
  command
    .optionsGroup('How much it takes at once:')
    .option('-l, --limit <n>', 'runs (default: no limit)')
    .option('--limit-per-flow <k>', 'runs of each flow')
    .option('--flow-limit <name=k>', 'runs of one flow; repeatable', collect)
    .option('--cpu <cores>', 'cores that its runs share, such as 4 or 0.5')
    .option('--memory <size>', 'memory that its runs share, in MiB or such as 4GiB')
}

function defineTimes(command: Command): void {
  command
    .optionsGroup('When it ends:')
    .option('--run-once', 'look for work once, finish that, and exit')
    .option('--exit-when-idle <duration>', 'exit after so long without a run, such as 5m')
    .option('--drain-timeout <duration>', 'stop what still runs so long after the first signal (default: never)')
    .option('--kill-grace <duration>', 'from SIGTERM to SIGKILL (default: 10s)')
    .option('--lease-seconds <s>', 'without contact for so long its runs end, here and there (default: 180)')
}

function defineProcess(command: Command): void {
  defineApi(command.optionsGroup('The agent:'))
    .option('-n, --name <name>', "its name (default: the host's, with a number from the second on)")
    .option('--work-dir <folder>', "where its runs' folders are made (default: in the state folder)")
    .option('--keep-failed', 'keep the folders of failed runs')
    .option('--state-dir <folder>', 'where its identity is kept (PUSHPOOL_STATE_DIR)')
    .option('--health-addr <host:port>', 'serve /healthz, /readyz and /metrics there; port 0 takes a free one')
    .option('--log-format <format>', 'text or json (default: text)')
    .option('--hide-welcome', 'print no banner')
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}
