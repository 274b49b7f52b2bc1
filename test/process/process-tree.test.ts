import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CannotStart } from '#shared/process/cannot-start.ts'
import { hostSeconds } from '#shared/process/host-clock.ts'
import { processStart } from '#shared/process/process-start.ts'
import { startTree, type TreeRequest } from '#shared/process/process-tree.ts'
import { childEnvironment } from '#shared/process/program.ts'
import type { Watched } from '#shared/process/watcher/messages.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** Notes what it is told; the real one has tests of its own. */
class Notes {
  readonly told: string[] = []
  refuses = false
  watch(child: Watched): Promise<void> {
    this.told.push(`watch ${child.id}`)
    return this.refuses ? Promise.reject(new Error('not watched')) : Promise.resolve()
  }
  forget(id: string): void {
    this.told.push(`forget ${id}`)
  }
}

async function start(command: string[], changed: Partial<TreeRequest> = {}, notes = new Notes()) {
  const cwd = temporaryFolder()
  const request: TreeRequest = {
    command,
    cwd,
    env: childEnvironment(process.env, {}),
    mark: `PUSHPOOL_TEST_MARK=${randomUUID()}`,
    outputFile: join(cwd, 'output'),
    exitFile: join(cwd, 'exit'),
    ...changed,
  }
  const output = () => (existsSync(request.outputFile) ? readFileSync(request.outputFile, 'utf8') : '')
  const tree = await startTree(request, notes)
  return { tree, request, notes, output }
}

const shell = (script: string, ...args: string[]) => ['sh', '-c', script, 'sh', ...args]
const STUBBORN = 'trap "" TERM; echo up; while :; do sleep 0.05; done'

describe('a process tree', () => {
  it.each([
    ['true', 0],
    ['exit 3', 3],
    ['kill -TERM $$', 128 + 15],
  ])('ends with the exit code of its command: %s', async (script, code) => {
    const { tree, notes, request } = await start(shell(script))
    expect(await tree.ended).toEqual({ kind: 'exited', code })
    await tree.ended
    expect(notes.told).toEqual([`watch ${request.mark}`, `forget ${request.mark}`])
  })

  it('has the environment that it was given, and its mark', async () => {
    const { tree, output, request } = await start(['env', '-0'], { env: { PATH: process.env.PATH ?? '', 'a.b': ' ' } })
    await tree.ended
    const expected = [`PATH=${process.env.PATH}`, 'a.b= ', request.mark]
    expect(output().split('\0').slice(0, -1).toSorted()).toEqual(expected.toSorted())
  })

  it.each([
    ['no-such-program', 'exec: "no-such-program": no such file or directory'],
    ['/', 'exec: "/": permission denied'],
    ['', 'exec: "": no command specified'],
  ])('cannot start without a program: %j', async (name, problem) => {
    await expect(start([name])).rejects.toThrow(new CannotStart(problem))
  })

  it('never starts when it can not be watched', async () => {
    const notes = new Notes()
    notes.refuses = true
    const file = join(temporaryFolder(), 'exit')
    await expect(start(shell('echo started >"$0"'), { exitFile: file }, notes)).rejects.toThrow('not watched')
    await until('the supervisor gave up', () => readFileSync(file, 'utf8') === 'unstarted\n')
  })

  it('ends with what its command left running in its group', async () => {
    const { tree, output } = await start(shell('sleep 600 & echo $!'))
    expect(await tree.ended).toEqual({ kind: 'exited', code: 0 })
    await until('it is gone', () => processStart(Number(output())) === undefined)
    expect(Number(output())).toBeGreaterThan(0)
  })

  it.runIf(process.platform === 'linux')('ends with the daemons that its command left', async () => {
    const file = join(temporaryFolder(), 'daemon')
    const daemon = 'setsid sh -c \'echo $$ >"$1.new"; mv "$1.new" "$1"; exec sleep 600\' sh "$1" &'
    const { tree } = await start(shell(`${daemon} until [ -e "$1" ]; do sleep 0.02; done`, file))
    expect(await tree.ended).toEqual({ kind: 'exited', code: 0 })
    const pid = Number(readFileSync(file, 'utf8'))
    expect(pid).toBeGreaterThan(0)
    expect(processStart(pid)).toBeUndefined()
  })

  it('is known to be killed when its supervisor was', async () => {
    const { tree, output } = await start(shell('echo $$; exec sleep 600'))
    const pid = Number(await until('it is up', output))
    process.kill(tree.process.pid, 'SIGKILL')
    expect(await tree.ended).toEqual({ kind: 'killed' })
    await until('the command is gone', () => processStart(pid) === undefined)
  })
})

describe('stopping a process tree', () => {
  it('lets it end in its own way', async () => {
    const { tree, output } = await start(shell('trap "echo bye; exit 7" TERM; echo up; while :; do sleep 0.05; done'))
    await until('it is up', output)
    await tree.stop(60)
    expect(await tree.ended).toEqual({ kind: 'exited', code: 7 })
    expect(output()).toMatch(/^up\n[^]*bye\n$/)
  })

  it.each([{}, { 'o.d.d': '1' }])('reaches a command that was only just let go: %j', async (env) => {
    const { tree } = await start(['sleep', '600'], { env: childEnvironment(process.env, env) })
    await tree.stop(60)
    expect(await tree.ended).toEqual({ kind: 'exited', code: 128 + 15 })
  })

  it('kills one that ignores SIGTERM, after the grace', async () => {
    const { tree, output } = await start(shell(STUBBORN))
    await until('it is up', output)
    const stoppedAt = hostSeconds()
    await tree.stop(1)
    expect(hostSeconds() - stoppedAt).toBeGreaterThan(0.9)
    expect(await tree.ended).toEqual({ kind: 'killed' })
  })

  it('is cut short by a second stop with less grace', async () => {
    const { tree, output } = await start(shell(STUBBORN))
    await until('it is up', output)
    const stopped = tree.stop(600)
    await tree.stop(0)
    await stopped
    expect(await tree.ended).toEqual({ kind: 'killed' })
  })

  it('does nothing to one that has ended', async () => {
    const { tree } = await start(['true'])
    await tree.ended
    await tree.stop(60)
    expect(await tree.ended).toEqual({ kind: 'exited', code: 0 })
  })
})
