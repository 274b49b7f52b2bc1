import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CannotStart } from '#shared/process/cannot-start.ts'
import { createArguments } from '#shared/process/docker/create-arguments.ts'
import { runDocker } from '#shared/process/docker/docker-cli.ts'
import { type ContainerRequest, startContainer } from '#shared/process/docker/docker-container.ts'
import { readDockerJob } from '#shared/process/docker/docker-job.ts'
import { hostSeconds } from '#shared/process/host-clock.ts'
import { ChildWatcher } from '#shared/process/watcher/child-watcher.ts'
import { type FakeDocker, installFakeDocker } from '../../support/fake-docker/install-fake-docker.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'
import { gone, WATCHER_PROGRAM } from '../support/agent-process.ts'

const IMAGE = 'app:1'
const IDENTITY = { runId: '0192f0c1-2d3e-7a4b-8c5d-000000000001', generation: 1, life: 'a1b2', agent: 'host-1' }
const NAME = `pushpool-${IDENTITY.runId}-1`

/** The end of a container that is removed: while it is waited for, or a moment before. */
const REMOVED = [{ kind: 'exited', code: 137 }, { kind: 'killed' }]

const unwatched = { watch: () => Promise.resolve(), forget: () => {} }

function requestOf({ cli }: FakeDocker, configuration: Record<string, unknown>): ContainerRequest {
  return {
    job: readDockerJob({ image: IMAGE, ...configuration }),
    identity: IDENTITY,
    cli,
    outputFile: join(temporaryFolder(), 'output'),
    stopTimeoutSeconds: 10,
  }
}

async function start(configuration: Record<string, unknown>, docker = installFakeDocker(IMAGE)) {
  const request = requestOf(docker, configuration)
  const container = await startContainer(request, unwatched)
  const output = () => (existsSync(request.outputFile) ? readFileSync(request.outputFile, 'utf8') : '')
  const countOf = (command: string) => docker.calls().filter(([name]) => name === command).length
  return { container, docker, request, output, countOf }
}

const shell = (script: string) => ['/bin/sh', '-c', script]

describe('a container', () => {
  it('ends with the exit code of its command, and with all of its output', async () => {
    const { container, output, docker } = await start({ command: shell('echo out; echo err >&2; printf end; exit 3') })
    expect(container.name).toBe(NAME)
    expect(await container.ended).toEqual({ kind: 'exited', code: 3 })
    expect(output()).toBe('out\nerr\nend')
    expect(docker.engine.find(NAME)).toMatchObject({ status: 'exited', image: IMAGE })
  })

  it('has the environment of its job, and none of it is left in a file', async () => {
    const env = { 'my.setting': 'a\nb', EMPTY: '', PATH: '/usr/bin:/bin:/x', DOCKER_HOST: 'tcp://elsewhere' }
    const { container, docker, request } = await start({ command: shell('true'), env })
    await container.ended
    expect(docker.engine.find(NAME)?.env).toEqual(env)
    expect(existsSync(`${request.outputFile}.env`)).toBe(false)
  })

  it('is removed once its exit code is known, if asked', async () => {
    const { container, docker } = await start({ command: shell('exit 4'), auto_remove: true })
    expect(await container.ended).toEqual({ kind: 'exited', code: 4 })
    expect(docker.engine.containers()).toEqual([])
  })

  it('keeps its output for itself, if asked', async () => {
    const { container, output, countOf } = await start({ command: shell('echo out'), stream_output: false })
    await container.ended
    expect([output(), countOf('logs')]).toEqual(['', 0])
  })

  it('joins all of its networks before it starts', async () => {
    const { container, docker } = await start({ command: shell('true'), networks: ['one', 'two', 'three'] })
    await container.ended
    expect(docker.engine.find(NAME)?.networks).toEqual(['one', 'two', 'three'])
    expect(
      docker
        .calls()
        .map(([command]) => command)
        .slice(0, 4),
    ).toEqual(['create', 'network', 'network', 'start'])
  })

  it('ends when someone removes it', async () => {
    const { container, docker } = await start({ command: ['/bin/sleep', '600'] })
    await runDocker(docker.cli, ['rm', '--force', NAME])
    expect(REMOVED).toContainEqual(await container.ended)
    expect(docker.engine.containers()).toEqual([])
  })
})

describe('stopping a container', () => {
  it('lets it end in its own way', async () => {
    const { container, output } = await start({
      command: shell('trap "exit 7" TERM; echo up; while :; do sleep 0.02; done'),
    })
    await until('it is up', output)
    await container.stop(60)
    expect(await container.ended).toEqual({ kind: 'exited', code: 7 })
  })

  it('has one killed that ignores SIGTERM, after the grace', async () => {
    const { container, output } = await start({ command: shell('trap "" TERM; echo up; while :; do sleep 0.02; done') })
    await until('it is up', output)
    const stoppedAt = hostSeconds()
    await container.stop(1)
    expect(hostSeconds() - stoppedAt).toBeGreaterThan(0.9)
    expect(await container.ended).toEqual({ kind: 'exited', code: 137 })
  })

  it('does nothing to one that has ended', async () => {
    const { container, countOf } = await start({ command: shell('true') })
    await container.ended
    await container.stop(60)
    expect(countOf('stop')).toBe(0)
  })
})

describe('a container that exists already', () => {
  it('is taken over while it runs', async () => {
    const first = await start({ command: shell('echo once; sleep 0.5; exit 5') })
    const second = await start({ command: shell('echo twice') }, first.docker)
    expect(await second.container.ended).toEqual({ kind: 'exited', code: 5 })
    expect(second.output()).toBe('once\n')
    expect(first.countOf('start')).toBe(1)
    await first.container.ended
  })

  it('is not started again when it has ended', async () => {
    const first = await start({ command: shell('echo once; exit 5') })
    await first.container.ended
    const second = await start({ command: shell('echo twice') }, first.docker)
    expect(await second.container.ended).toEqual({ kind: 'exited', code: 5 })
    expect(second.output()).toBe('once\n')
    expect(first.countOf('start')).toBe(1)
  })

  it('is started when it never was', async () => {
    const docker = installFakeDocker(IMAGE)
    const request = requestOf(docker, { command: shell('exit 6') })
    const { args } = createArguments(request.job, IDENTITY, { stopTimeoutSeconds: 1, envFilePath: '' })
    await runDocker(docker.cli, args)
    const { container } = await start({ command: shell('exit 7') }, docker)
    expect(await container.ended).toEqual({ kind: 'exited', code: 6 })
  })

  it("is left alone when it is another claim's", async () => {
    const first = await start({ command: ['/bin/sleep', '600'] })
    const request = { ...first.request, identity: { ...IDENTITY, life: 'another' } }
    await expect(startContainer(request, unwatched)).rejects.toThrow('not of this claim')
    expect(first.docker.engine.find(NAME)?.status).toBe('running')
    await first.container.stop(0)
  })
})

describe('a container that can not be started', () => {
  it.each([
    [{ image: 'no/such:1' }, 'pull access denied'],
    [{ image: 'no/such:1', image_pull_policy: 'Never' }, 'No such image'],
    [{ command: ['/no/such/program'] }, 'executable file not found'],
  ])('says why, and leaves nothing behind: %j', async (configuration, problem) => {
    const docker = installFakeDocker(IMAGE)
    const starting = startContainer(requestOf(docker, configuration), unwatched)
    await expect(starting).rejects.toBeInstanceOf(CannotStart)
    await expect(starting).rejects.toThrow(problem)
    expect(docker.engine.containers()).toEqual([])
  })

  it('says so where there is no docker', async () => {
    const docker = installFakeDocker(IMAGE)
    const request = requestOf({ ...docker, cli: { ...docker.cli, program: '/no/such/docker' } }, {})
    await expect(startContainer(request, unwatched)).rejects.toThrow("/no/such/docker can't be run: ENOENT")
  })

  it('is not started when it can not be watched', async () => {
    const docker = installFakeDocker(IMAGE)
    const refusing = { ...unwatched, watch: () => Promise.reject(new Error('not watched')) }
    await expect(startContainer(requestOf(docker, { command: shell('true') }), refusing)).rejects.toThrow('not watched')
    expect(docker.engine.containers()).toEqual([])
    expect(docker.calls().map(([command]) => command)).toEqual(['create', 'rm'])
  })
})

describe('the image of a container', () => {
  const pulled = async (policy: string, local: boolean, remote: boolean) => {
    const docker = installFakeDocker('other')
    if (local) docker.engine.add('images', IMAGE)
    if (remote) docker.engine.add('registry', IMAGE)
    const { container } = await start({ command: shell('true'), image_pull_policy: policy }, docker)
    return container.ended
  }

  it.each([
    ['Always', false, true],
    ['IfNotPresent', false, true],
    ['IfNotPresent', true, false],
    ['IfPossible', true, false],
    ['IfPossible', false, true],
    ['Never', true, false],
  ])('is found: %s, here %s, there %s', async (policy, local, remote) => {
    expect(await pulled(policy, local, remote)).toEqual({ kind: 'exited', code: 0 })
  })

  it.each([
    ['Always', true, false],
    ['IfNotPresent', false, false],
    ['IfPossible', false, false],
    ['Never', false, true],
  ])('is not found: %s, here %s, there %s', async (policy, local, remote) => {
    await expect(pulled(policy, local, remote)).rejects.toBeInstanceOf(CannotStart)
  })
})

describe('the watcher', () => {
  const watched = async () => {
    const docker = installFakeDocker(IMAGE)
    const env = { ...process.env, ...docker.cli.env }
    const watcher = new ChildWatcher({ program: WATCHER_PROGRAM, env })
    onTestFinished(() => watcher.close())
    watcher.feed(hostSeconds() + 60)
    const container = await startContainer(requestOf(docker, { command: ['/bin/sleep', '600'] }), watcher)
    const pid = docker.engine.find(NAME)?.pid ?? 0
    expect(pid).toBeGreaterThan(0)
    return { docker, watcher, container, pid }
  }

  it('leaves a container alone that is started again while it runs', async () => {
    const { docker, watcher, container, pid } = await watched()
    const again = await startContainer(requestOf(docker, { command: ['/bin/sleep', '600'] }), watcher)
    expect(docker.engine.find(NAME)?.pid).toBe(pid)
    await container.stop(60)
    expect(await again.ended).toEqual({ kind: 'exited', code: 128 + 15 })
  })

  it('ends a container when it is not fed in time', async () => {
    const { watcher, container, pid } = await watched()
    const ended: string[] = []
    watcher.onEnded((ids) => ended.push(...ids))
    watcher.feed(hostSeconds() + 0.2)
    await gone(pid)
    expect(REMOVED).toContainEqual(await container.ended)
    await until('it says so', () => ended.includes(NAME))
  })

  it('ends a container when its agent is gone', async () => {
    const { docker, watcher, container, pid } = await watched()
    await watcher.close()
    await gone(pid)
    expect(docker.engine.containers()).toEqual([])
    await container.ended
  })
})
