import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readExit } from '#shared/process/exit-file.ts'
import { hostSeconds } from '#shared/process/host-clock.ts'
import { processStart } from '#shared/process/process-start.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'
import { gone, startAgent } from '../support/agent-process.ts'

const SLEEPER = ['/bin/sh', '-c', 'echo $$; trap "" TERM HUP INT; while :; do sleep 0.05; done']
const ON_LINUX = process.platform === 'linux'
/** A child that left its group and session, as daemons do, and whose pid is in a file. */
const daemon = (file: string) => ['/bin/sh', '-c', `echo $$; setsid sh -c 'echo $$ >${file}; sleep 600' & sleep 600`]

describe('the children of an agent', () => {
  it('end at once when it is killed', async () => {
    const agent = startAgent([SLEEPER, SLEEPER])
    const children = [await agent.childPid(0), await agent.childPid(1)]
    const watcher = await agent.watcherPid()
    agent.signal('SIGKILL')
    for (const pid of [...children, watcher]) await gone(pid, 3_000)
    expect(new Set(children).size).toBe(2)
  })

  it.runIf(ON_LINUX)('end with those that left their group, when it is killed', async () => {
    const file = join(temporaryFolder(), 'daemon')
    const agent = startAgent([daemon(file)])
    const stray = Number(await until('the daemon is up', () => existsSync(file) && readFileSync(file, 'utf8')))
    expect(stray).toBeGreaterThan(0)
    agent.signal('SIGKILL')
    await gone(stray, 3_000)
    await gone(await agent.childPid())
  })

  it('end when it is stopped for longer than it fed them, and it learns of that when it goes on', async () => {
    const agent = startAgent([SLEEPER], { leaseSeconds: 1 })
    const child = await agent.childPid()
    agent.signal('SIGSTOP')
    const stoppedAt = hostSeconds()
    await gone(child, 4_000)
    expect(hostSeconds() - stoppedAt).toBeGreaterThan(0.5)
    agent.signal('SIGCONT')
    await until('it heard', () =>
      agent.messages.some(({ endedByWatcher }) => endedByWatcher?.[0] === `${agent.mark}-0`),
    )
    await until('it is told of the end', () => agent.messages.some(({ end }) => end))
    expect(agent.messages.find(({ end }) => end)?.end).toEqual({ kind: 'killed' })
  })

  it('live on while it is stopped for a shorter time', async () => {
    const agent = startAgent([SLEEPER], { leaseSeconds: 20 })
    const child = await agent.childPid()
    agent.signal('SIGSTOP')
    const stoppedAt = hostSeconds()
    await until('some time has passed', () => hostSeconds() - stoppedAt > 1.5)
    expect(processStart(child)).toBeDefined()
  })

  it('end when watcher and agent were both stopped, as by a suspended machine', async () => {
    const agent = startAgent([SLEEPER], { leaseSeconds: 1 })
    const [child, watcher] = [await agent.childPid(), await agent.watcherPid()]
    agent.signal('SIGSTOP')
    process.kill(watcher, 'SIGSTOP')
    const stoppedAt = hostSeconds()
    await until('the time has passed', () => hostSeconds() - stoppedAt > 2)
    expect(processStart(child)).toBeDefined()
    process.kill(watcher, 'SIGCONT')
    await gone(child, 1_000)
  })

  it('live on when their watcher was stopped, but fed', async () => {
    const agent = startAgent([SLEEPER], { leaseSeconds: 1 })
    const [child, watcher] = [await agent.childPid(), await agent.watcherPid()]
    process.kill(watcher, 'SIGSTOP')
    const stoppedAt = hostSeconds()
    await until('the time has passed', () => hostSeconds() - stoppedAt > 2)
    process.kill(watcher, 'SIGCONT')
    await until('some more has', () => hostSeconds() - stoppedAt > 3)
    expect(processStart(child)).toBeDefined()
  })

  it('are watched by another when their watcher was killed', async () => {
    const agent = startAgent([SLEEPER], { leaseSeconds: 2 })
    const [child, watcher] = [await agent.childPid(), await agent.watcherPid()]
    process.kill(watcher, 'SIGKILL')
    await gone(watcher)
    const lostAt = hostSeconds()
    await until('the lease would have passed', () => hostSeconds() - lostAt > 2.5)
    expect(processStart(child)).toBeDefined()
    agent.signal('SIGKILL')
    await gone(child, 3_000)
  })

  it('are ended by a watcher that ignores what would end others', async () => {
    const agent = startAgent([SLEEPER])
    const [child, watcher] = [await agent.childPid(), await agent.watcherPid()]
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGTSTP', 'SIGQUIT'] as const) process.kill(watcher, signal)
    const signalledAt = hostSeconds()
    await until('a moment has passed', () => hostSeconds() - signalledAt > 0.3)
    expect(processStart(watcher)).toBeDefined()
    agent.signal('SIGKILL')
    await gone(child, 3_000)
  })

  it('end when it closes its watcher', async () => {
    const agent = startAgent([SLEEPER])
    const child = await agent.childPid()
    agent.signal('SIGTERM')
    await gone(agent.pid, 3_000)
    expect(processStart(child)).toBeUndefined()
  })

  it('never start when it is killed before they are watched', async () => {
    const asked = join(temporaryFolder(), 'asked')
    const mute = ['/bin/sh', '-c', `while read -r line; do case $line in *watch*) : >${asked}; esac; done`]
    const agent = startAgent([['/bin/echo', 'started']], { watcherProgram: mute })
    const exitFile = join(agent.folder, 'exit-0')
    await until('its supervisor is up', () => existsSync(asked))
    agent.signal('SIGKILL')
    await until('the supervisor gave up', () => readExit(exitFile).kind !== 'unknown')
    expect(readExit(exitFile)).toEqual({ kind: 'unstarted' })
    expect(readFileSync(join(agent.folder, 'output-0'), 'utf8')).toBe('')
  })
})
