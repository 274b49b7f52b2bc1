import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { createClient } from '#shared/client/create-client.ts'
import { answers, openMisbehavingServer } from '../support/misbehaving-server.ts'
import { until } from '../support/until.ts'

const run = promisify(execFile)
const EXIT_MS_MAX = 2_000

it('reuses connections unless keep-alive is off', async () => {
  const { url, received, connections } = await openMisbehavingServer(answers(200, true))
  const client = createClient({ url })
  for (let n = 0; n < 10; n += 1) await client.getHealth()
  expect(await connections()).toBeLessThan(received.length)
})

it('without keep-alive, the connection closes with the response', async () => {
  const { url, received, connections } = await openMisbehavingServer(answers(200, true))
  await createClient({ url, keepAlive: false }).getHealth()
  expect(received[0]?.headers.connection).toBe('close')
  await until('the connection is closed', async () => (await connections()) === 0)
})

it('a process with its response ends at once', async () => {
  const { url } = await openMisbehavingServer(answers(200, true))
  const program = `
    import { createClient } from '#shared/client/create-client.ts'
    const client = createClient({ url: '${url}', keepAlive: false })
    await client.getHealth()
    const done = Date.now()
    process.on('exit', () => process.stdout.write(String(Date.now() - done)))`
  const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '--eval', program])
  expect(Number(stdout)).toBeLessThan(EXIT_MS_MAX)
})
