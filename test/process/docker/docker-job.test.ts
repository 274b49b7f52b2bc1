import { describe, expect, it } from 'vitest'
import { WrittenNumber } from '#shared/json/written-number.ts'
import { readDockerJob } from '#shared/process/docker/docker-job.ts'

describe('the job configuration of a docker pool', () => {
  it('is read member by member, without those that are not known', () => {
    const job = readDockerJob({
      image: 'app:1',
      command: 'python -m app "two words"',
      env: { TEXT: 'a', NUMBER: 1, EXACT: new WrittenNumber('1.0'), FLAG: true, NONE: null },
      labels: { team: 'data' },
      name: 'brisk-heron',
      networks: ['one', 'two'],
      auto_remove: true,
      image_pull_policy: 'Never',
      volumes: ['/a:/b'],
      mem_limit: '1g',
      memswap_limit: -1,
      privileged: true,
      stream_output: false,
      container_create_kwargs: { cpu_shares: 3 },
    })
    expect(job).toEqual({
      image: 'app:1',
      command: ['python', '-m', 'app', 'two words'],
      env: { TEXT: 'a', NUMBER: '1', EXACT: '1.0', FLAG: 'true' },
      labels: { team: 'data' },
      name: 'brisk-heron',
      networks: ['one', 'two'],
      networkMode: null,
      autoRemove: true,
      pullPolicy: 'Never',
      volumes: ['/a:/b'],
      memory: '1g',
      memorySwap: '-1',
      privileged: true,
      streamOutput: false,
    })
  })

  it('takes null for absent', () => {
    const nothing = { command: null, env: null, networks: null, network_mode: null, auto_remove: null, mem_limit: null }
    expect(readDockerJob({ image: 'app:1', ...nothing })).toEqual(readDockerJob({ image: 'app:1' }))
    expect(readDockerJob({ image: 'app:1' })).toMatchObject({ command: null, autoRemove: false, streamOutput: true })
  })

  it.each([
    ['app', 'Always'],
    ['app:latest', 'Always'],
    ['host:5000/app', 'Always'],
    ['host:5000/app:2', 'IfNotPresent'],
    ['app@sha256:0123', 'IfNotPresent'],
  ])('pulls %s as Kubernetes would: %s', (image, pullPolicy) => {
    expect(readDockerJob({ image })).toMatchObject({ pullPolicy })
  })

  it.each([
    [{}, 'image: is needed'],
    [{ image: 'a', env: ['A=1'] }, 'env: must be'],
    [{ image: 'a', env: { A: {} } }, 'env: must be'],
    [{ image: 'a', env: { 'A=B': '' } }, 'env: must be'],
    [{ image: 'a', env: { A: '\0' } }, 'env: must be'],
    [{ image: 'a', command: 'unfinished "quote' }, 'command: must be'],
    [{ image: 'a', image_pull_policy: 'Sometimes' }, 'image_pull_policy: must be Always, IfNotPresent'],
    [{ image: 'a', privileged: 'yes' }, 'privileged: must be true or false'],
    [{ image: 'a', networks: ['a'], network_mode: 'host' }, "network_mode: can't be set together"],
  ])('is refused with the member that can not be used: %j', (configuration, problem) => {
    expect(() => readDockerJob(configuration)).toThrow(problem)
  })
})
