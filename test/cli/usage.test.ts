import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text as readText } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { newApiKey } from '#shared/api-key/api-key.ts'
import { COMMANDS } from '../../cli/commands.ts'
import { parseKeyInput } from '../../cli/key/key-input.ts'
import { type PlaceValues, parsePlace } from '../../cli/key/place.ts'
import { runProgram } from '../../cli/program.ts'

const ID = '0123456789abcdef01'

/** Runs a command line in this process; returns its exit code and output. */
async function run(line: string, env: Record<string, string> = {}) {
  const written = { out: '', err: '' }
  const code = await runProgram(
    line.split(' ').filter((word) => word !== ''),
    { env, out: (text) => void (written.out += text), err: (text) => void (written.err += text) },
  )
  return { code, ...written }
}

describe('the command line', () => {
  it('shows its version and its help on standard output', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
    const { code, out, err } = await run('--help')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const { words } of COMMANDS) expect(out).toContain(`  ${words.split(' ')[0]} `)
  })

  it.each(COMMANDS.map(({ words }) => words))('%s has help, as an option and as a command', async (words) => {
    const help = await run(`${words} --help`)
    expect(help).toEqual({ code: 0, out: expect.stringContaining(`Usage: pushpool ${words}`), err: '' })
    expect(help.out).toMatch(/\n\n[A-Z][^\n]+/)
    expect(await run(`help ${words}`)).toEqual(help)
  })

  it('lists the commands when called without one', async () => {
    const shown = { code: 2, out: '' }
    expect(await run('')).toMatchObject({ ...shown, err: expect.stringContaining('Usage: pushpool [options]') })
    expect(await run('key')).toMatchObject({ ...shown, err: expect.stringContaining('Usage: pushpool key') })
  })

  it.each([
    ['stat', "Unknown command 'stat'. Did you mean start?"],
    ['key lst', "Unknown command 'lst'. Did you mean list?"],
    ['start --prot 1', "Unknown option '--prot'. Did you mean --port?"],
    ['start --port', "Option '--port <port>' argument missing."],
    ['start --port=x', "Invalid port 'x' (0–65535)."],
    ['start here', "Unexpected argument 'here'."],
    ['demo now', "Unexpected argument 'now'."],
    ['key create', "Required option '--name <name>' not specified."],
    ['key create --nme ci', "Unknown option '--nme'. Did you mean --name?"],
    ['key create --name a/b', '--name: must not contain any of / % & > < ?.'],
    ['key create --name ci --scope root', "Invalid scope 'root' (work, operate, admin)."],
    ['key create --name ci --expires soon', "Invalid --expires 'soon' (90d, 12h, 30m or a time such as 2030-01-31)."],
    ['key create --name ci --expires 0d', '--expires: Too small: expected number to be >0.'],
    ['key create --name ci --expires 9999d', '--expires: must be at most ten years.'],
    ['key create ci --name ci', "Unexpected argument 'ci'."],
    ['key list --name ci', "Unknown option '--name'."],
    ['key list --table t --url http://x', 'Only one of --url, --table and --data can be given.'],
    ['key list --region eu-west-1', '--region requires --table.'],
    ['key list --url localhost:4200', "Invalid URL 'localhost:4200' (http or https)."],
    ['key revoke', "Missing required argument 'id'."],
    [`key revoke ${ID} ${ID}`, `Unexpected argument '${ID}'.`],
  ])('%j is rejected with usage: %s', async (line, sentence) => {
    const { code, out, err } = await run(line)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err.split('\n')[0]).toBe(sentence)
    expect(err).toMatch(/\n\nUsage: pushpool .*\nSee 'pushpool .*--help'\.\n$/)
  })

  it('never prints a key typed in the wrong place', async () => {
    const { text } = newApiKey({ name: 'k', scope: 'work', created: 1, expires: null })
    const lines = [
      `key revoke ${text}`,
      `key revoke ${ID} ${text}`,
      `key list ${text}`,
      `key ${text}`,
      `key list --key=${text}`,
      `key list --key ${text}`,
      'key list --key=hunter2',
      `key create --name ci --scope ${text}`,
      `key list --url ${text}`,
      `start ${text}`,
    ]
    for (const line of lines) {
      const { code, out, err } = await run(line)
      expect({ line, code, out }).toEqual({ line, code: 2, out: '' })
      expect(err).not.toMatch(new RegExp(`${text.slice(3, 12)}|${text.slice(-12)}|hunter2`))
    }
  })
})

describe('the program', () => {
  it('ends well when the reader of its output has closed the pipe', async () => {
    const program = spawn(process.execPath, ['cli/main.ts', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
    program.stdout.destroy()
    const [err, [code]] = await Promise.all([readText(program.stderr), once(program, 'close')])
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })
})

describe('the options for keys', () => {
  it.each([
    [{}, {}],
    [{ scope: 'admin' }, { scope: 'admin' }],
    [{ expires: '90d' }, { expires_in_seconds: 90 * 86_400 }],
    [{ expires: '12h' }, { expires_in_seconds: 12 * 3_600 }],
    [{ expires: '30m' }, { expires_in_seconds: 1_800 }],
    [{ expires: '2030-01-31' }, { expires_at: '2030-01-31T00:00:00.000000Z' }],
  ])('%j gives %j', (values, input) => {
    expect(parseKeyInput({ name: 'ci', ...values })).toEqual({ name: 'ci', ...input })
  })

  it.each<[PlaceValues, Record<string, string>, object]>([
    [{}, {}, { kind: 'api', url: 'http://127.0.0.1:4200/api', apiKey: undefined }],
    [{}, { PREFECT_API_URL: 'https://p/api' }, { kind: 'api', url: 'https://p/api' }],
    [{}, { PUSHPOOL_API_URL: 'https://q/api/', PREFECT_API_URL: 'https://p/api' }, { url: 'https://q/api' }],
    [
      { url: 'http://x/api' },
      { PUSHPOOL_API_URL: 'https://q/api', PUSHPOOL_API_KEY: 'k' },
      { url: 'http://x/api', apiKey: 'k' },
    ],
    [{ table: 't' }, { PUSHPOOL_API_URL: 'https://q/api' }, { kind: 'table', tableName: 't', region: undefined }],
    [{ table: 't', region: 'eu-west-1' }, {}, { kind: 'table', tableName: 't', region: 'eu-west-1' }],
    [
      { data: 'd' },
      { AWS_ENDPOINT_URL_DYNAMODB: 'http://e' },
      { kind: 'folder', dataDir: 'd', dynamoDbEndpoint: 'http://e' },
    ],
  ])('%j with %j finds the right place', (values, env, place) => {
    expect(parsePlace(values, env)).toMatchObject(place)
  })
})
