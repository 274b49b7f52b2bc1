import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readExit } from '#shared/process/exit-file.ts'
import { processStart } from '#shared/process/process-start.ts'
import { childEnvironment } from '#shared/process/program.ts'
import { startSupervisor } from '#shared/process/supervisor.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SHOW_WORDS = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'

/** Runs a command to its end; returns what it printed, and how it ended. */
async function run(command: string[], env: Record<string, string> = {}) {
  const cwd = temporaryFolder()
  const files = { outputFile: join(cwd, 'output'), exitFile: join(cwd, 'exit') }
  const supervisor = await startSupervisor(command, { ...files, cwd, env })
  supervisor.go()
  await supervisor.ended
  return { output: readFileSync(files.outputFile), exit: readExit(files.exitFile) }
}

const variablesOf = async (env: Record<string, string>) =>
  (await run(['/usr/bin/env', '-0'], env)).output.toString('utf8').split('\0').slice(0, -1).toSorted()
const asText = (env: Record<string, string>) =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()

describe('a supervised command', () => {
  it('gets its words byte by byte, those that mean something to a shell included', async () => {
    const words = [
      '',
      ' ',
      'a  b',
      '$HOME',
      '`id`',
      '"',
      "'",
      '*',
      '-n',
      '--',
      '\\t',
      'two\nlines',
      '\u0001\u007f',
      'ü☃😀',
      '',
    ]
    const { output } = await run([process.execPath, '-e', SHOW_WORDS, '--', ...words])
    expect(JSON.parse(output.toString('utf8'))).toEqual(words)
    expect(
      JSON.parse((await run([process.execPath, '-e', SHOW_WORDS, '--', ...words], { 'a.b': '' })).output.toString()),
    ).toEqual(words)
  })

  it('gets the environment that was given, and no variable more', async () => {
    const env = {
      EMPTY: '',
      SPACES: '  a  b ',
      LINES_OF: 'a\nb\n',
      QUOTES: `'"\`$X\\`,
      ODD: '\u0001\u007fü☃😀',
      lower_1: '=',
    }
    expect(await variablesOf(env)).toEqual(asText(env))
    expect(await variablesOf({})).toEqual([])
  })

  it.each([
    { 'my.setting': 'a  b\n', 'a-b': '', '1st': 'ü' },
    { PWD: '/nowhere', OLDPWD: 'x', SHLVL: '7', _: 'y', IFS: ':', OPTIND: '9', PPID: '1' },
    { 'BASH_FUNC_echo%%': '() { kill $$; }', SHELLOPTS: 'noexec', NODE_OPTIONS: '--no-such-option' },
  ])('gets variables that a shell would drop or change: %j', async (env) => {
    expect(await variablesOf({ ...env, A: '1' })).toEqual(asText({ ...env, A: '1' }))
  })

  it.runIf(process.platform === 'linux').each([{ PLAIN: '1' }, { 'o.d.d': '1' }])(
    'ignores and blocks no signal at its start: %j',
    async (env) => {
      const { output } = await run(['/bin/grep', '-E', 'Sig(Ign|Blk)', '/proc/self/status'], env)
      expect(output.toString().match(/[0-9a-f]{16}/g)).toEqual(['0000000000000000', '0000000000000000'])
    },
  )

  it('has both of its streams in one file, in order', async () => {
    const { output } = await run(['/bin/sh', '-c', 'for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf end'])
    expect(output.toString()).toBe('out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nend')
  })

  it('may print any bytes', async () => {
    const { output } = await run([process.execPath, '-e', 'process.stdout.write(Buffer.from([0, 255, 10, 195]))'])
    expect([...output]).toEqual([0, 255, 10, 195])
  })

  it.each([
    ['exit 0', 0],
    ['exit 255', 255],
    ['kill -SEGV $$', 128 + 11],
    ['kill -KILL $$', 128 + 9],
  ])('leaves its exit code: %s', async (script, code) => {
    expect((await run(['/bin/sh', '-c', script])).exit).toEqual({ kind: 'exited', code })
  })
})

describe('a supervisor', () => {
  it('that is called off never starts its command', async () => {
    const cwd = temporaryFolder()
    const files = { outputFile: join(cwd, 'output'), exitFile: join(cwd, 'exit') }
    const supervisor = await startSupervisor(['/bin/echo', 'started'], { ...files, cwd, env: {} })
    expect(processStart(supervisor.process.pid)).toBe(supervisor.process.startedAt)
    supervisor.callOff()
    await supervisor.ended
    expect(readExit(files.exitFile)).toEqual({ kind: 'unstarted' })
    expect(readFileSync(files.outputFile, 'utf8')).toBe('')
  })

  it('fails to start where its folder is missing', async () => {
    const cwd = temporaryFolder()
    const files = { outputFile: join(cwd, 'output'), exitFile: join(cwd, 'exit') }
    await expect(startSupervisor(['/bin/true'], { ...files, cwd: join(cwd, 'none'), env: {} })).rejects.toThrow(
      'ENOENT',
    )
  })
})

it('a child inherits what any program expects, and nothing else', () => {
  const own = { PATH: '/bin', HOME: '/root', LANG: 'C', TMPDIR: '/tmp', SECRET: 'x', TZ: undefined }
  expect(childEnvironment(own, { HOME: '/other', A: '1' })).toEqual({
    PATH: '/bin',
    HOME: '/other',
    LANG: 'C',
    TMPDIR: '/tmp',
    A: '1',
  })
})
