import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { stateFolder, takeIdentity } from '../../../cli/agent/identity.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const MODULE = join(import.meta.dirname, '../../../cli/agent/identity.ts')

/** A process that takes an identity, and keeps it until it is ended. */
async function takeInProcess(stateDir: string): Promise<{ id: string; name: string; kill: () => Promise<unknown> }> {
  const script = `
    const { takeIdentity } = await import(${JSON.stringify(MODULE)})
    process.stdout.write(JSON.stringify(takeIdentity(${JSON.stringify(stateDir)}, undefined)) + '\\n')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const exited = once(child, 'exit')
  const kill = () => {
    child.kill('SIGKILL')
    return exited
  }
  return { ...(JSON.parse(String(line)) as { id: string; name: string }), kill }
}

it('stays the same from start to start', () => {
  const state = temporaryFolder()
  const first = takeIdentity(state, undefined)
  first.release()
  const again = takeIdentity(state, undefined)
  expect(again).toMatchObject({ id: first.id, name: hostname(), host: hostname() })
  expect(first.id).toMatch(/^[\da-f]{8}-/)
})

it('is another for a second agent on the host, and is free again once the first is killed', async () => {
  const state = temporaryFolder()
  const first = await takeInProcess(state)
  const second = takeIdentity(state, undefined)
  expect(second.name).toBe(`${hostname()}-2`)
  expect(second.id).not.toBe(first.id)
  await first.kill()
  expect(takeIdentity(state, undefined)).toMatchObject({ id: first.id, name: first.name })
  second.release()
  expect(takeIdentity(state, undefined).id).toBe(second.id)
})

it('goes by the name where one is given, whatever starts first', () => {
  const state = temporaryFolder()
  const a = takeIdentity(state, 'a')
  const b = takeIdentity(state, '../b')
  expect(takeIdentity(state, 'a').name).toBe('a-2')
  for (const each of [a, b]) each.release()
  expect(takeIdentity(state, '../b').id).toBe(b.id)
  expect(takeIdentity(state, 'a').id).toBe(a.id)
  expect(b.folder).toContain(join(state, 'agents'))
})

it('is made anew where its file was damaged', () => {
  const state = temporaryFolder()
  const first = takeIdentity(state, undefined)
  first.release()
  writeFileSync(join(first.folder, 'id'), 'nonsense')
  const second = takeIdentity(state, undefined)
  expect(second.id).not.toBe(first.id)
  second.release()
  expect(takeIdentity(state, undefined).id).toBe(second.id)
})

it.skipIf(process.getuid?.() === 0)('says what to do when its folder can not be written', () => {
  const state = temporaryFolder()
  chmodSync(state, 0o500)
  expect(() => takeIdentity(state, undefined)).toThrow(/EACCES.*--state-dir or PUSHPOOL_STATE_DIR/)
})

it('says what to do when its folder is a file', () => {
  const state = join(temporaryFolder(), 'file')
  writeFileSync(state, '')
  expect(() => takeIdentity(state, undefined)).toThrow(/ENOTDIR.*--state-dir or PUSHPOOL_STATE_DIR/)
})

it.each([
  ['/s', { XDG_STATE_HOME: '/x' }, '/s'],
  [undefined, { XDG_STATE_HOME: '/x' }, '/x/pushpool'],
  [undefined, { XDG_STATE_HOME: 'x' }, expect.stringMatching(/\/\.local\/state\/pushpool$/)],
  [undefined, {}, expect.stringMatching(/\/\.local\/state\/pushpool$/)],
])('is kept, with %j and %j, in %s', (given, env, folder) => {
  expect(stateFolder(given, env)).toEqual(folder)
})
