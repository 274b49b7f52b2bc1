import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { buildOpenApi } from '#shared/contract/openapi.ts'

const ROOT = join(import.meta.dirname, '../../..')

it("passes Redocly's lint without errors or warnings", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pushpool-openapi-'))
  const file = join(folder, 'openapi.json')
  await writeFile(file, JSON.stringify(buildOpenApi()))
  const cli = fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'))
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const args = [cli, 'lint', file, '--config', join(ROOT, 'redocly.yaml'), '--format', 'json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  const { totals } = JSON.parse(stdout) as { totals: { errors: number; warnings: number } }
  expect(totals).toMatchObject({ errors: 0, warnings: 0 })
  await rm(folder, { recursive: true })
})
