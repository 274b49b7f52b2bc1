import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { cliEnvironment, type DockerCli } from '#shared/process/docker/docker-cli.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { FakeEngine } from './engine.ts'

export interface FakeDocker {
  cli: DockerCli
  engine: FakeEngine
  /** Each call of the command line so far. */
  calls(): string[][]
}

/** A `docker` on the PATH of a test, and an engine of its own behind it, with one image. Its containers end with the test. */
export function installFakeDocker(image: string): FakeDocker {
  const folder = temporaryFolder()
  const [program, state] = [join(folder, 'docker'), join(folder, 'engine')]
  const script = join(import.meta.dirname, 'fake-docker.ts')
  writeFileSync(program, `#!${process.execPath}\nvoid import('${script}')\n`)
  chmodSync(program, 0o755)
  mkdirSync(state)
  const engine = new FakeEngine(state)
  engine.add('images', image)
  onTestFinished(() => {
    for (const { pid } of engine.containers()) if (pid !== null) process.kill(-pid, 'SIGKILL')
  })
  const own = { PATH: `${folder}:${process.env.PATH}`, DOCKER_HOST: `fake://${state}` }
  const calls = join(state, 'calls.jsonl')
  return {
    cli: { program: 'docker', env: cliEnvironment(own), cwd: folder },
    engine,
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []).map(asCall),
  }
}

const asCall = (line: string) => JSON.parse(line) as string[]
