import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { processStart } from '#shared/process/process-start.ts'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { dynoxideBinary } from '../../../local/engine/dynoxide.ts'
import { startEngine } from '../../../local/engine/start-engine.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('the engine', () => {
  it('keeps its tables in the data folder', async () => {
    const folder = temporaryFolder()
    const first = await startEngine(folder)
    await ensureTable(openTable({ tableName: 'pushpool', endpoint: first.endpoint }))
    await first.stop()
    expect(processStart(first.pid)).toBeUndefined()
    const second = await startEngine(folder)
    onTestFinished(() => second.stop())
    const { client } = openTable({ tableName: 'pushpool', endpoint: second.endpoint })
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['pushpool'])
  })

  it('ends one that outlived its service before another opens the file', async () => {
    const folder = temporaryFolder()
    const orphan = await startEngine(folder)
    const record: unknown = JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8'))
    expect(record).toEqual({ pid: orphan.pid, startedAt: processStart(orphan.pid) })
    const engine = await startEngine(folder)
    onTestFinished(() => engine.stop())
    expect(processStart(orphan.pid)).toBeUndefined()
    expect(engine.pid).not.toBe(orphan.pid)
  })

  it('says what to do when the binary is missing', () => {
    vi.stubEnv('DYNOXIDE_BIN', undefined)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(() => dynoxideBinary('sunos-mips')).toThrow(/sunos-mips.*DYNOXIDE_BIN.*AWS_ENDPOINT_URL_DYNAMODB/)
  })
})
