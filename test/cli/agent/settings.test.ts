import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { type AgentSettings, parseAgentSettings } from '../../../cli/agent/settings.ts'
import { type AgentValues, defineAgent } from '../../../cli/agent/start-values.ts'
import { formatDuration, parseDuration } from '../../../cli/duration.ts'
import { runProgram } from '../../../cli/program.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function settingsOf(line: string, env: Record<string, string> = {}): AgentSettings {
  const command = new Command().exitOverride()
  defineAgent(command)
  command.parse(line.split(' ').filter(Boolean), { from: 'user' })
  return parseAgentSettings(command.opts<AgentValues>(), command.args[0], env)
}

describe('the options of an agent', () => {
  it('take no more than a queue', () => {
    const { readApiKey, ...settings } = settingsOf('-q my-queue')
    expect(readApiKey()).toBeUndefined()
    expect(settings).toEqual({
      work: { kind: 'queues', poolName: undefined, queues: ['my-queue'], nameOrId: undefined },
      apiUrl: undefined,
      order: 'strict',
      limit: null,
      flowLimits: { byFlow: {} },
      cpu: null,
      memory: null,
      prefetchSeconds: 10,
      leaseSeconds: 180,
      runOnce: false,
      exitWhenIdleSeconds: null,
      drainTimeoutSeconds: null,
      killGraceSeconds: 10,
      workDir: undefined,
      keepFailed: false,
      name: undefined,
      stateDir: undefined,
      healthAddress: undefined,
      logFormat: 'text',
      hideWelcome: false,
    })
  })

  it.each<[string, object]>([
    ['-q b -q a', { kind: 'queues', queues: ['b', 'a'] }],
    ['--work-queue b --pool p', { kind: 'queues', queues: ['b'], poolName: 'p' }],
    ['-p machines', { kind: 'pool', poolName: 'machines' }],
    ['-m prod- -m test-', { kind: 'match', match: ['prod-', 'test-'] }],
    ['-m prod- -p machines', { kind: 'match', match: ['prod-'], poolName: 'machines' }],
    ['-t b -t a', { kind: 'tags', tags: ['b', 'a'] }],
    ['old', { kind: 'queues', queues: [], nameOrId: 'old' }],
    ['old -q new', { kind: 'queues', queues: ['new'], nameOrId: 'old' }],
  ])('%s says what it takes', (line, work) => {
    expect(settingsOf(line).work).toMatchObject(work)
  })

  it.each<[string, Partial<AgentSettings>]>([
    ['-l 4', { limit: 4 }],
    ['--limit-per-flow 1', { flowLimits: { each: 1, byFlow: {} } }],
    ['--flow-limit heavy=1 --flow-limit a=b=0', { flowLimits: { byFlow: { heavy: 1, 'a=b': 0 } } }],
    ['--cpu 0.5', { cpu: 512 }],
    ['--cpu 16', { cpu: 16_384 }],
    ['--memory 2048', { memory: 2_048 }],
    ['--memory 512MiB', { memory: 512 }],
    ['--memory 1.5gib', { memory: 1_536 }],
    ['--order fair', { order: 'fair' }],
    ['--prefetch-seconds 0', { prefetchSeconds: 0 }],
    ['--lease-seconds 60', { leaseSeconds: 60 }],
    ['--run-once --hide-welcome --keep-failed', { runOnce: true, hideWelcome: true, keepFailed: true }],
    ['--exit-when-idle 5m', { exitWhenIdleSeconds: 300 }],
    ['--drain-timeout 1h30m --kill-grace 0', { drainTimeoutSeconds: 5_400, killGraceSeconds: 0 }],
    ['--name a --work-dir /w --state-dir /s', { name: 'a', workDir: '/w', stateDir: '/s' }],
    ['--health-addr :0', { healthAddress: { host: '127.0.0.1', port: 0 } }],
    ['--health-addr [::1]:8089', { healthAddress: { host: '::1', port: 8089 } }],
    ['--api https://x/api/', { apiUrl: 'https://x/api' }],
  ])('%s counts', (line, settings) => {
    expect(settingsOf(`-q q ${line}`)).toMatchObject(settings)
  })

  it('fall back to the environment, in which our names come before those of Prefect', () => {
    const prefect = { PREFECT_API_URL: 'http://p/api', PREFECT_API_KEY: 'pk', PREFECT_AGENT_PREFETCH_SECONDS: '30' }
    expect(settingsOf('-q q', prefect)).toMatchObject({ apiUrl: 'http://p/api', prefetchSeconds: 30 })
    expect(settingsOf('-q q', prefect).readApiKey()).toBe('pk')
    const ours = {
      PUSHPOOL_API_URL: 'http://o/api',
      PUSHPOOL_API_KEY: 'ok',
      PUSHPOOL_AGENT_PREFETCH_SECONDS: '0',
      PUSHPOOL_STATE_DIR: '/s',
      PUSHPOOL_AGENT_HEALTH_ADDR: '0.0.0.0:80',
    }
    const both = settingsOf('-q q', { ...prefect, ...ours })
    expect(both).toMatchObject({ apiUrl: 'http://o/api', prefetchSeconds: 0, stateDir: '/s' })
    expect(both).toMatchObject({ healthAddress: { host: '0.0.0.0', port: 80 } })
    expect(both.readApiKey()).toBe('ok')
    expect(settingsOf('-q q --api http://a/api --prefetch-seconds 5', ours)).toMatchObject({
      apiUrl: 'http://a/api',
      prefetchSeconds: 5,
    })
  })

  it('read the key from its file whenever it is asked for, and keep it while the file is being replaced', () => {
    const file = join(temporaryFolder(), 'key')
    const { readApiKey } = settingsOf(`-q q --api-key-file ${file}`, { PUSHPOOL_API_KEY: 'of the environment' })
    expect(readApiKey).toThrow(`The key file ${file} can't be read (ENOENT).`)
    writeFileSync(file, '\n')
    expect(readApiKey).toThrow(`The key file ${file} is empty.`)
    writeFileSync(file, 'first\n')
    expect(readApiKey()).toBe('first')
    writeFileSync(file, '')
    expect(readApiKey()).toBe('first')
    writeFileSync(file, 'second')
    expect(readApiKey()).toBe('second')
    expect(settingsOf('-q q', { PUSHPOOL_API_KEY_FILE: file, PUSHPOOL_API_KEY: 'k' }).readApiKey()).toBe('second')
  })
})

const ONLY_ONE = 'Only one of `work_queues`, `match`, or `tags` can be provided.'

it.each([
  ['', 'No work queues provided! Name one with -q, or a work pool with -p.'],
  ['-q a -m b', ONLY_ONE],
  ['-q a -t b', ONLY_ONE],
  ['-m a -t b', ONLY_ONE],
  ['hello -t blue', ONLY_ONE],
  ['hello -m blue', ONLY_ONE],
  ['-p p -t blue', '`tag` and `pool` options cannot be used together.'],
  ['-q a/b', '--work-queue: must not contain any of / % & > < ?.'],
  ['-q a --limit 0', "Invalid --limit '0' (a whole number, 1 to 1000)."],
  ['-q a --limit-per-flow x', "Invalid --limit-per-flow 'x' (a whole number, 1 to 1000)."],
  ['-q a --flow-limit heavy', "Invalid --flow-limit 'heavy' (a flow's name and its limit: heavy=1)."],
  ['-q a --cpu half', "Invalid --cpu 'half' (cores, such as 4 or 0.5)."],
  ['-q a --memory 4TB', "Invalid --memory '4TB' (MiB, or such as 512MiB or 4GiB)."],
  ['-q a --order random', "Invalid --order 'random' (strict or fair)."],
  ['-q a --prefetch-seconds -1', "Invalid --prefetch-seconds '-1' (seconds, 0 to 3600)."],
  ['-q a --lease-seconds 4', "Invalid --lease-seconds '4' (seconds, 5 to 3600)."],
  ['-q a --lease-seconds 5.5', "Invalid --lease-seconds '5.5' (whole seconds)."],
  ['-q a --exit-when-idle soon', "Invalid --exit-when-idle 'soon' (a duration such as 90, 30s, 5m or 1h30m)."],
  ['-q a --api here', "Invalid --api 'here' (http or https)."],
  ['-q a --api http://u:p@x', '--api must not contain credentials; put the key in PUSHPOOL_API_KEY.'],
  ['-q a --health-addr 8089', "Invalid --health-addr '8089' (host:port, such as 127.0.0.1:8089)."],
  ['-q a --health-addr x:65536', "Invalid --health-addr 'x:65536' (host:port, such as 127.0.0.1:8089)."],
  ['-q a --log-format xml', "Invalid --log-format 'xml' (text or json)."],
  ['-q a --api-key pp_secret', "Unknown option '--api-key'."],
  ['a b', "Unexpected argument 'b'."],
])('agent start %s is refused: %s', async (line, sentence) => {
  const written = { out: '', err: '' }
  const code = await runProgram(['agent', 'start', ...line.split(' ').filter(Boolean)], {
    env: {},
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
  })
  expect({ code, out: written.out }).toEqual({ code: 2, out: '' })
  expect(written.err.split('\n')[0]).toBe(sentence)
  expect(written.err).not.toContain('pp_secret')
})

it('docs/agent.md says what each option does', () => {
  const command = new Command()
  defineAgent(command)
  const page = readFileSync(join(import.meta.dirname, '../../../docs/agent.md'), 'utf8')
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .join('\n')
  expect(command.options.map(({ long }) => long ?? '').filter((long) => !rows.includes(long))).toEqual([])
})

describe('a duration', () => {
  it.each([
    ['90', 90],
    ['30s', 30],
    ['5m', 300],
    ['1h30m', 5_400],
    ['2d', 172_800],
    ['0.5s', 0.5],
    ['0', 0],
  ])('%s is %s s', (text, seconds) => {
    expect(parseDuration('--for', text)).toBe(seconds)
  })

  it.each(['', 'm', '5x', '30m1h', '-5m', '1 h', '1h 30m'])('%j is none', (text) => {
    expect(() => parseDuration('--for', text)).toThrow(`Invalid --for '${text}'`)
  })

  it.each(['0s', '30s', '5m', '1h30m', '2d1s'])('%s is written as it is read', (text) => {
    expect(formatDuration(parseDuration('--for', text))).toBe(text)
  })
})
