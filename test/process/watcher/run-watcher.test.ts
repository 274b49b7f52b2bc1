import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hostSeconds } from '#shared/process/host-clock.ts'
import { processStart } from '#shared/process/process-start.ts'
import { ChildWatcher, NotWatched } from '#shared/process/watcher/child-watcher.ts'
import { type FromWatcher, lineOf, type ToWatcher } from '#shared/process/watcher/messages.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'
import { gone, WATCHER_PROGRAM } from '../support/agent-process.ts'

/** A watcher that the test talks to. */
function start() {
  const [program = '', ...args] = WATCHER_PROGRAM
  const watcher = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void watcher.kill('SIGKILL'))
  const said: FromWatcher[] = []
  createInterface({ input: watcher.stdout }).on('line', (line) => said.push(JSON.parse(line) as FromWatcher))
  const tell = (message: ToWatcher) => void watcher.stdin.write(lineOf(message))
  const isEnded = (id: string) => said.some((message) => 'ended' in message && message.ended.includes(id))
  return { watcher, said, tell, isEnded }
}

/** A process that leads a group of its own. */
function bystander() {
  const child = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child.pid ?? 0
}

const treeOf = (pid: number, startedAt = processStart(pid) ?? '') => ({
  id: `tree-${pid}`,
  process: { pid, startedAt },
  mark: `PUSHPOOL_TEST_MARK=none-${pid}`,
})

describe('a watcher', () => {
  it('answers for each that it watches, and ends nothing while it is fed', async () => {
    const { said, tell } = start()
    const pid = bystander()
    tell({ feed: hostSeconds() + 60 })
    tell({ watch: treeOf(pid) })
    await until('it answers', () => said.length > 0)
    expect(said).toEqual([{ watching: `tree-${pid}` }])
    expect(processStart(pid)).toBeDefined()
  })

  it('goes on after a missed deadline, and ends at once what comes too late', async () => {
    const { said, tell, isEnded } = start()
    const [first, late, later] = [bystander(), bystander(), bystander()]
    tell({ watch: treeOf(first) })
    tell({ feed: hostSeconds() + 0.3 })
    await gone(first)
    tell({ watch: treeOf(late) })
    await until('the late one has ended', () => isEnded(`tree-${late}`))
    expect(said).not.toContainEqual({ watching: `tree-${late}` })
    expect(processStart(late)).toBeUndefined()
    tell({ feed: hostSeconds() + 60 })
    tell({ watch: treeOf(later) })
    await until('it answers', () =>
      said.some((message) => 'watching' in message && message.watching === `tree-${later}`),
    )
    expect(processStart(later)).toBeDefined()
  })

  it('leaves what it was told to forget alone', async () => {
    const { watcher, tell } = start()
    const pid = bystander()
    tell({ watch: treeOf(pid) })
    tell({ forget: `tree-${pid}` })
    watcher.stdin.end()
    await once(watcher, 'exit')
    expect(processStart(pid)).toBeDefined()
  })

  it('leaves a process alone that only has the pid of what it watched', async () => {
    const { tell, isEnded } = start()
    const pid = bystander()
    tell({ watch: treeOf(pid, 'another-boot/1') })
    tell({ feed: 0 })
    await until('it is done', () => isEnded(`tree-${pid}`))
    expect(processStart(pid)).toBeDefined()
  })

  it('takes no harm from a message that a death cut short', async () => {
    const { watcher, tell } = start()
    const pid = bystander()
    tell({ watch: treeOf(pid) })
    watcher.stdin.end(`{"forget":"tree-${pid}`)
    expect(await once(watcher, 'exit')).toEqual([0, null])
    await gone(pid)
  })

  it('repeats the command that ends a container until it succeeds', async () => {
    const { watcher, tell } = start()
    const folder = temporaryFolder()
    const [program, ledger, gate] = ['end', 'ledger', 'gate'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(program, `#!/bin/sh\necho "$@" >>${ledger}; [ -e ${gate} ]\n`)
    chmodSync(program, 0o755)
    tell({ watch: { id: 'box', command: [program, 'a box', ''] } })
    watcher.stdin.end()
    await until('it is tried twice', () => existsSync(ledger) && readFileSync(ledger, 'utf8').split('\n').length > 2)
    expect(watcher.exitCode).toBeNull()
    writeFileSync(gate, '')
    await once(watcher, 'exit')
    expect(readFileSync(ledger, 'utf8').split('\n')[0]).toBe('a box ')
    rmSync(gate)
  })

  it('is content when the container is gone', async () => {
    const { tell, isEnded } = start()
    const command = ['/bin/sh', '-c', 'echo "Error response from daemon: No such container: box" >&2; exit 1']
    tell({ watch: { id: 'box', command } })
    tell({ feed: 0 })
    expect(await until('it is done', () => isEnded('box'))).toBe(true)
  })
})

describe('who starts a watcher', () => {
  const open = (program: readonly string[], answerSeconds?: number) => {
    const watcher = new ChildWatcher({ program, ...(answerSeconds && { answerSeconds }) })
    onTestFinished(() => watcher.close())
    return watcher
  }

  it('has no second process before there is something to watch', async () => {
    const watcher = open(WATCHER_PROGRAM)
    watcher.feed(hostSeconds() + 60)
    expect(watcher.pid).toBeUndefined()
    await watcher.watch(treeOf(bystander()))
    expect(watcher.pid).toBeGreaterThan(0)
  })

  it('is refused a child when there is no time left for it', async () => {
    const watcher = open(WATCHER_PROGRAM)
    watcher.feed(hostSeconds() - 1)
    const pid = bystander()
    const watching = watcher.watch(treeOf(pid))
    await expect(watching).rejects.toBeInstanceOf(NotWatched)
    await expect(watching).rejects.toThrow('not fed in time')
    await gone(pid)
  })

  it.each([['/no/such/program'], ['/bin/false'], ['/bin/sleep', '600']])(
    'learns that it does not work: %s',
    async (...program) => {
      const watcher = open(program, 0.1)
      await expect(watcher.watch(treeOf(bystander()))).rejects.toThrow('does not start')
    },
  )

  it('may ask twice for one child, and not for two of one name', async () => {
    const watcher = open(WATCHER_PROGRAM)
    const child = treeOf(bystander())
    await Promise.all([watcher.watch(child), watcher.watch(child)])
    await watcher.watch(child)
    await expect(watcher.watch({ ...treeOf(bystander()), id: child.id })).rejects.toThrow('another of this name is')
  })

  it('replaces one that was stopped', async () => {
    const watcher = open(WATCHER_PROGRAM, 1)
    const [first, second] = [bystander(), bystander()]
    await watcher.watch(treeOf(first))
    const stopped = watcher.pid ?? 0
    process.kill(stopped, 'SIGSTOP')
    await watcher.watch(treeOf(second))
    expect(watcher.pid).not.toBe(stopped)
    await watcher.close()
    await gone(first)
    await gone(second)
  })
})
