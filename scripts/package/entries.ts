import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

/** What the package exports, by the name that it is imported with after `pushpool/`. */
const EXPORTS = {
  cdk: 'cdk/push-pool.ts',
  client: 'shared/client/create-client.ts',
  contract: 'shared/contract/endpoints.ts',
} as const

export type ExportName = keyof typeof EXPORTS

/**
 * The construct is CommonJS, as AWS's own are: apps of `cdk init` are, and Jest, which tests them, can't require an ES
 * module. The others are ES modules, which Node has been able to require since 22.12.
 */
export const COMMON_JS: ExportName = 'cdk'

export const ENTRIES = Object.entries(EXPORTS).map(([name, source]) => ({ name: name as ExportName, source }))

/** The program that the package installs. */
export const PROGRAM = { name: 'pushpool', source: 'cli/main.ts' }
