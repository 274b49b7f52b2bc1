import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../cli/commands.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MAIN = join(ROOT, 'cli', 'main.ts')
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
if (!hasSystemd) console.log('units are not verified, since systemd-analyze is not here')

function install(...args: string[]) {
  const env = { PATH: process.env.PATH, PUSHPOOL_API_KEY: 'pp_secret', PREFECT_API_URL: 'http://elsewhere/api' }
  return spawnSync(process.execPath, [MAIN, 'agent', 'install', ...args], { encoding: 'utf8', env, cwd: '/' })
}

describe('pushpool agent install', () => {
  it.skipIf(!hasSystemd).each([
    ['--systemd', '-q', 'prio1', '-q', 'prio2', '--limit', '4'],
    ['--systemd', '--user', '-p', 'machines', '--drain-timeout', '30m', '--hide-welcome'],
    ['--systemd', '--api', 'https://x/api', 'a "queue" with $HOME in it'],
  ])('prints a unit that systemd accepts: %s %s', (...args) => {
    const { stdout, stderr, status } = install(...args)
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    const folder = temporaryFolder()
    const unit = join(folder, 'pushpool-agent.service')
    writeFileSync(unit, stdout)
    const manager = args.includes('--user') ? ['--user'] : []
    const options = {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder },
    } as const
    const verified = spawnSync('systemd-analyze', [...manager, 'verify', unit], options)
    expect({ said: verified.stdout + verified.stderr, status: verified.status }).toEqual({ said: '', status: 0 })
  })

  it('has the agent drain for as long as it may, and says where the key goes', () => {
    const forever = install('--systemd', '-q', 'a').stdout
    for (const line of ['Type=simple', 'Restart=always', 'RestartSec=5', 'KillMode=mixed', 'TimeoutStopSec=infinity']) {
      expect(forever.split('\n')).toContain(line)
    }
    expect(forever).toContain('\nEnvironmentFile=%E/pushpool/agent.env\n')
    expect(forever).not.toMatch(/pp_secret|elsewhere/)
    const bounded = install('--systemd', '--user', '-q', 'a', '--drain-timeout', '5m', '--kill-grace', '20s').stdout
    expect(bounded).toContain('\nTimeoutStopSec=335\n')
    expect(bounded).toContain('\nWantedBy=default.target\n')
    expect(install('--systemd', '-q', 'a', '--api', 'http://x/api').stdout).toContain('\nEnvironmentFile=-%E')
  })

  it('repeats the options, with files from the root, and what systemd would replace doubled', () => {
    const args = ['-q', 'a b', '-q', 'a$', '--keep-failed', '--work-dir', '100%', '--api-key-file', 'k', '--cpu', '0.5']
    const { stdout } = install('--systemd', ...args)
    const [, words] = /^ExecStart=\S+ \S+main\.ts agent start (.+)$/m.exec(stdout) ?? []
    expect(words).toBe(
      '--work-queue "a b" --work-queue a$$ --cpu 0.5 --api-key-file /k --work-dir /100%% --keep-failed',
    )
  })

  it('refuses what the agent would refuse', () => {
    expect(install('--systemd')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('No work queue'),
    })
    expect(install('-q', 'a')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('--systemd') })
  })
})

describe('the image', () => {
  const lines = readFileSync(join(ROOT, 'agent', 'Dockerfile'), 'utf8')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const valueOf = (instruction: string) => lines.find((line) => line.startsWith(`${instruction} `))?.split(/ (.*)/)[1]
  const wordsOf = (instruction: string) =>
    JSON.parse(/\[.*\]$/.exec(valueOf(instruction) ?? '')?.[0] ?? '[]') as string[]

  it('has instructions that Docker knows, and runs commands that exist, under an init, as no root', () => {
    const known = /^(FROM|RUN|COPY|ENV|USER|WORKDIR|VOLUME|HEALTHCHECK|STOPSIGNAL|ENTRYPOINT) /
    expect(lines.filter((line) => !known.test(line))).toEqual([])
    const commands = COMMANDS.map(({ words }) => `pushpool ${words}`)
    expect(commands).toContain(wordsOf('HEALTHCHECK').join(' '))
    const [init, dashes, ...start] = wordsOf('ENTRYPOINT')
    expect([init, dashes]).toEqual(['tini', '--'])
    expect(commands).toContain(start.join(' '))
    expect(valueOf('USER')).toBe('node')
    expect(valueOf('STOPSIGNAL')).toBe('SIGTERM')
  })

  it('installs what it uses in one layer, and leaves no lists behind', () => {
    for (const line of lines.filter((each) => each.includes('apt-get install'))) {
      expect(line).toMatch(/apt-get update.*--no-install-recommends.*rm -rf \/var\/lib\/apt\/lists/)
    }
  })
})
