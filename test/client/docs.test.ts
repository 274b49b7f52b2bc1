import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { startService } from '../../local/service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ROOT = join(import.meta.dirname, '../..')
const CLIENT = join(ROOT, 'shared/client/create-client.ts')
const TSC = join(ROOT, 'node_modules/.bin/tsc')
const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const run = promisify(execFile)

const page = readFileSync(join(ROOT, 'docs/client.md'), 'utf8')

/** The programs of the page as one, which imports the client from its source. */
function programOf(client: string): string {
  const blocks = [...page.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code ?? '')
  return blocks.join('\n').replaceAll("'pushpool/client'", `'${client}'`)
}

it('the programs in docs/client.md run, and print what it says', async () => {
  const service = await startService({ dataDir: temporaryFolder(), port: 0, log: quiet })
  onTestFinished(() => service.stop())
  const program = join(temporaryFolder(), 'program.mts')
  writeFileSync(program, programOf(pathToFileURL(CLIENT).href))
  const { stdout } = await run(process.execPath, [program], { env: { ...process.env, PUSHPOOL_API_URL: service.url } })
  const promised = [...page.matchAll(/^prints `([^`]+)`/gm)].map(([, line]) => line)
  expect(promised.length).toBeGreaterThan(2)
  expect(stdout.trimEnd().split('\n')).toEqual(promised)
})

it('the programs in docs/client.md have no type errors', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'program.mts'), programOf(CLIENT))
  const compilerOptions = { typeRoots: [join(ROOT, 'node_modules/@types')], noUnusedLocals: true }
  const settings = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['program.mts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const { stdout } = await run(TSC, ['--project', folder]).catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})
