import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { containerName, createArguments } from '#shared/process/docker/create-arguments.ts'
import { cliEnvironment } from '#shared/process/docker/docker-cli.ts'
import { readDockerJob } from '#shared/process/docker/docker-job.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const IDENTITY = { runId: '0192f0c1-2d3e-7a4b-8c5d-000000000001', generation: 2, life: 'a1b2', agent: 'host-1' }
const OPTIONS = { stopTimeoutSeconds: 10, envFilePath: '/run/env', platform: 'linux' as const }
const callOf = (configuration: Record<string, unknown>) =>
  createArguments(readDockerJob({ image: 'app:1', ...configuration }), IDENTITY, OPTIONS)
const valuesOf = (configuration: Record<string, unknown>, flag: string) => {
  const { args } = callOf(configuration)
  return args.filter((_, index) => args[index - 1] === flag)
}

describe('the call that creates a container', () => {
  it('names it by run and generation, so that a repeat finds it', () => {
    expect(valuesOf({ name: 'mine' }, '--name')).toEqual([`pushpool-${IDENTITY.runId}-2`])
    expect(containerName(IDENTITY)).toBe(`pushpool-${IDENTITY.runId}-2`)
    expect(valuesOf({ name: 'mine' }, '--label')).toContain('io.pushpool.name=mine')
  })

  it('labels it with the claim, and with what was given as Prefect writes it', () => {
    expect(
      valuesOf({ labels: { 'prefect.io/flow-run-id': 'r', team: 'a=b', 'io.pushpool.life': 'forged' } }, '--label'),
    ).toEqual([
      'io.prefect.flow-run-id=r',
      'team=a=b',
      'io.pushpool.life=a1b2',
      `io.pushpool.run-id=${IDENTITY.runId}`,
      'io.pushpool.generation=2',
      'io.pushpool.agent=host-1',
    ])
  })

  it('shows no value of a variable', () => {
    const call = callOf({ env: { TOKEN: 'secret-1', PATH: '/secret-2', DOCKER_HOST: 'tcp://secret-3' } })
    expect(JSON.stringify(call.args)).not.toContain('secret')
    expect(call.env).toEqual({ TOKEN: 'secret-1' })
    expect(call.envFile).toBe('PATH=/secret-2\nDOCKER_HOST=tcp://secret-3\n')
    expect(valuesOf({ env: { TOKEN: 'secret-1' } }, '--env-file')).toEqual([])
    expect(() => callOf({ env: { PATH: 'a\nb' } })).toThrow('env: the value of PATH must be a single line')
  })

  it.each([
    ['Always', 'always'],
    ['IfPossible', 'always'],
    ['IfNotPresent', 'missing'],
    ['Never', 'never'],
  ])('pulls the image %s', (policy, flag) => {
    expect(valuesOf({ image_pull_policy: policy }, '--pull')).toEqual([flag])
  })

  it('keeps what the image and the command look like', () => {
    const { args } = callOf({ image: '--privileged', command: ['--rm', '', 'a b'] })
    expect(args.slice(args.indexOf('--'))).toEqual(['--', '--privileged', '--rm', '', 'a b'])
    expect(args.slice(0, args.indexOf('--'))).not.toContain('--privileged')
    expect(args).not.toContain('--rm=true')
  })

  it('joins the network that was asked for, and the host of an API on this machine', () => {
    const local = { env: { PREFECT_API_URL: 'http://127.0.0.1:4200/api' } }
    const host = 'host.docker.internal:host-gateway'
    expect(valuesOf({ networks: ['one', 'two'] }, '--network')).toEqual(['one'])
    expect(valuesOf({ ...local, network_mode: 'bridge' }, '--network')).toEqual(['bridge'])
    expect(valuesOf(local, '--network')).toEqual(['host'])
    expect(valuesOf(local, '--add-host')).toEqual([host])
    expect(valuesOf({ env: { PREFECT_API_URL: 'https://api.example.com/api' } }, '--network')).toEqual([])
    expect(valuesOf({ env: { PREFECT_API_URL: 'https://api.example.com/api' } }, '--add-host')).toEqual([])
  })
})

it('the command line is given DOCKER_HOST and the like, and no secret of ours', () => {
  const own = { PATH: '/bin', HOME: '/root', DOCKER_HOST: 'x', HTTPS_PROXY: 'p', PREFECT_API_KEY: 'k', AWS_SECRET: 's' }
  expect(cliEnvironment(own)).toEqual({ PATH: '/bin', HOME: '/root', DOCKER_HOST: 'x', HTTPS_PROXY: 'p' })
})

const HAS_DOCKER = spawnSync('docker', ['--version']).status === 0

it.runIf(HAS_DOCKER)("is understood by Docker's own command line", async () => {
  const folder = temporaryFolder()
  const socket = join(folder, 'engine')
  const bodies: { path: string; body: string }[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url?.includes('/containers/create')) bodies.push({ path: request.url, body })
      response.setHeader('Api-Version', '1.44').setHeader('Content-Type', 'application/json').end('{"Id":"abc"}')
    })
  })
  onTestFinished(() => void server.close())
  await once(server.listen(socket), 'listening')
  const job = readDockerJob({
    image: 'app:1',
    command: ['-e', '', 'a b'],
    env: { 'my.setting': ' a\nb', EMPTY: '', PATH: ' /a b ', DOCKER_HOST: 'tcp://x' },
    labels: { team: 'data' },
    networks: ['one'],
    image_pull_policy: 'Never',
    volumes: ['./x:/y', 'named:/z'],
    mem_limit: '1g',
    memswap_limit: '-1',
    privileged: true,
  })
  const envFilePath = join(folder, 'env')
  const { args, env, envFile } = createArguments(job, IDENTITY, { ...OPTIONS, envFilePath })
  writeFileSync(envFilePath, envFile ?? '')
  const own = cliEnvironment({ ...process.env, DOCKER_HOST: `unix://${socket}` })
  const child = execFile('docker', args, { env: { ...own, ...env }, cwd: folder })
  expect(await once(child, 'exit')).toEqual([0, null])
  const [{ path, body } = { path: '', body: '{}' }] = bodies
  expect(path).toContain(`name=${containerName(IDENTITY)}`)
  const created = JSON.parse(body) as { Env: string[]; HostConfig: { Binds: string[] } }
  // It takes variables and volumes in any order.
  expect(created.Env.toSorted()).toEqual(['DOCKER_HOST=tcp://x', 'EMPTY=', 'PATH= /a b ', 'my.setting= a\nb'])
  expect(created.HostConfig.Binds.toSorted()).toEqual([`${folder}/x:/y`, 'named:/z'])
  expect(created).toMatchObject({
    Image: 'app:1',
    Cmd: ['-e', '', 'a b'],
    Labels: { team: 'data', 'io.pushpool.generation': '2' },
    StopTimeout: 10,
    HostConfig: {
      NetworkMode: 'one',
      Memory: 1024 ** 3,
      MemorySwap: -1,
      Privileged: true,
      AutoRemove: false,
    },
  })
})
