import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { processStart } from '#shared/process/process-start.ts'
import { FolderInUse, takeLock } from '../../local/lock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const LOCK = new URL('../../local/lock.ts', import.meta.url).href

/** Another process that tries to take the lock and, if it got it, holds it until it is killed. */
async function rival(folder: string): Promise<{ pid: number; said: string; kill(): Promise<void> }> {
  const script = `
    import { takeLock } from ${JSON.stringify(LOCK)}
    try { takeLock(${JSON.stringify(folder)}); console.log('took') } catch (error) { console.log(error.message) }
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { pid: child.pid ?? 0, said: said.toString().trim(), kill }
}

describe('the lock of a data folder', () => {
  it('is held by one at a time, and a second learns who holds it', () => {
    const folder = temporaryFolder()
    const lock = takeLock(folder)
    expect(() => takeLock(folder)).toThrow(FolderInUse)
    expect(() => takeLock(folder)).toThrow(`in use by another pushpool (process ${process.pid})`)
    lock.release()
    takeLock(folder).release()
    expect(readdirSync(folder)).toHaveLength(1)
  })

  it('is refused to another process, and taken over from a killed one', async () => {
    const folder = temporaryFolder()
    const holder = await rival(folder)
    expect(holder.said).toBe('took')
    expect(() => takeLock(folder)).toThrow(`process ${holder.pid}`)
    await holder.kill()
    takeLock(folder).release()
  })

  it('does not mistake a stranger with the same pid for the holder', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'lock.3'), JSON.stringify({ pid: process.pid, startedAt: 'at another time' }))
    takeLock(folder)
    expect(readdirSync(folder)).toEqual(['lock.4'])
  })

  it('goes to exactly one of many that try to take it over', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'lock.1'), JSON.stringify({ pid: 999_999_999, startedAt: 'long ago' }))
    const rivals = await Promise.all(Array.from({ length: 6 }, () => rival(folder)))
    expect(rivals.filter(({ said }) => said === 'took')).toHaveLength(1)
  })
})

describe('the start time of a process', () => {
  it('is read from ps where there is no /proc', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin')
    onTestFinished(() => void vi.restoreAllMocks())
    const other = await rival(temporaryFolder())
    expect(processStart(other.pid)).toMatch(/^\w{3} +\w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/)
    await other.kill()
    await until('it is gone', () => processStart(other.pid) === undefined)
  })

  it('is stable, and differs between processes', async () => {
    const other = await rival(temporaryFolder())
    expect(processStart(other.pid)).toBe(processStart(other.pid))
    expect(processStart(other.pid)).not.toBe(processStart(process.pid))
    await other.kill()
    await until('it is gone', () => processStart(other.pid) === undefined)
    expect(processStart(0)).toBeUndefined()
  })
})
