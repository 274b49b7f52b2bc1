/** What a unit depends on. */
export interface UnitOptions {
  /** The whole command line. */
  command: readonly string[]
  /** For the user's own manager, or for the system's. */
  user: boolean
  /** Whether the command line names the API, so that the unit can do without a file that does. */
  namesApi: boolean
  /** Null: a drain takes as long as its runs. */
  drainTimeoutSeconds: number | null
  killGraceSeconds: number
}

/** What is left for the last reports, once every process has ended. */
const REPORT_SECONDS = 15

/**
 * A unit that restarts the agent whatever happens, but for an end that was asked for (0), a wrong command line (2) and
 * another process with its identity (5). `systemctl stop` signals the agent alone, which drains; memory that runs out
 * kills a run, and not the agent (systemd.service(5) and systemd.kill(5)). No key stands in it: everyone can read units.
 */
export function systemdUnit(options: UnitOptions): string {
  const { command, user, namesApi, drainTimeoutSeconds, killGraceSeconds } = options
  const stop =
    drainTimeoutSeconds === null ? 'infinity' : Math.ceil(drainTimeoutSeconds + killGraceSeconds + REPORT_SECONDS)
  const lines = [
    ...howToInstall(user),
    '[Unit]',
    'Description=pushpool agent',
    ...(user ? [] : ['Wants=network-online.target', 'After=network-online.target']),
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=simple',
    `ExecStart=${command.map(quoted).join(' ')}`,
    `EnvironmentFile=${namesApi ? '-' : ''}%E/pushpool/agent.env`,
    ...(user ? [] : systemOnly()),
    'Restart=always',
    'RestartSec=5',
    'RestartPreventExitStatus=0 2 5',
    'KillMode=mixed',
    `TimeoutStopSec=${stop}`,
    'OOMPolicy=continue',
    '',
    '[Install]',
    `WantedBy=${user ? 'default.target' : 'multi-user.target'}`,
  ]
  return `${lines.join('\n')}\n`
}

function systemOnly(): string[] {
  return [
    '# A user that exists only while the agent runs; for its runs to be one of yours, name that in User= instead.',
    'DynamicUser=yes',
    'StateDirectory=pushpool',
    'WorkingDirectory=%S/pushpool',
    'Environment=PUSHPOOL_STATE_DIR=%S/pushpool',
  ]
}

function howToInstall(user: boolean): string[] {
  const [file, env, control] = user
    ? ['~/.config/systemd/user/pushpool-agent.service', '~/.config/pushpool/agent.env', 'systemctl --user']
    : ['/etc/systemd/system/pushpool-agent.service', '/etc/pushpool/agent.env', 'systemctl']
  return [
    `# 1. Save this as ${file}`,
    `# 2. Write PUSHPOOL_API_URL=… and PUSHPOOL_API_KEY=… into ${env}, readable by you alone (mode 0600)`,
    `# 3. ${control} daemon-reload && ${control} enable --now pushpool-agent`,
    ...(user ? ['# 4. loginctl enable-linger, so that it runs while you are not logged in'] : []),
    '',
  ]
}

/** A word of a command line, with what systemd would replace doubled ("Command lines" in systemd.service(5)). */
function quoted(word: string): string {
  const doubled = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  if (/^[\w@%+=:,./$-]+$/.test(doubled)) return doubled
  const escaped = doubled.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `"${escaped}"`
}
