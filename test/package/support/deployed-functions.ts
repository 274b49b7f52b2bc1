import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FUNCTION_NAMES, type FunctionName } from '#shared/config.ts'
import type { App } from './app.ts'

interface Template {
  Resources: Record<string, { Type: string; Properties: { Code?: { S3Key?: string } } }>
}

/** The package's functions in the only template that an app synthesized into `cdk.out`, recognized by their code. */
export function deployedFunctions({ folder }: App): FunctionName[] {
  const out = join(folder, 'cdk.out')
  const file = readdirSync(out).find((each) => each.endsWith('.template.json')) ?? ''
  const { Resources } = JSON.parse(readFileSync(join(out, file), 'utf8')) as Template
  // CDK may add functions of its own, such as one that closes a VPC's default security group.
  const entries = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => join(out, `asset.${Properties.Code?.S3Key?.replace('.zip', '')}`, 'index.mjs'))
    .filter((entry) => existsSync(entry))
  const codes = new Set(entries.map((entry) => readFileSync(entry, 'utf8')))
  const bundleOf = (name: FunctionName) =>
    readFileSync(join(folder, 'node_modules', 'pushpool', 'dist', 'functions', name, 'index.mjs'), 'utf8')
  return FUNCTION_NAMES.filter((name) => codes.has(bundleOf(name)))
}
