import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PREFECT_VERSION } from '#shared/version.ts'
import { REPOSITORY } from './program.ts'

const COPIED = ['package.json', 'cdk', 'functions', 'scripts', 'shared']

/** Copies the stack's sources with another version of Prefect in them; returns the command of its CDK app. */
export function changedCopy(folder: string, version: string): string {
  for (const name of COPIED) cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true })
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  const file = join(folder, 'shared', 'version.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace(`'${PREFECT_VERSION}'`, `'${version}'`))
  return `node ${join(folder, 'cdk', 'app.ts')}`
}
