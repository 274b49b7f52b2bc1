import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { describe, expect, inject, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const packed = inject('packed')

describe.skipIf(packed === null)('the package', () => {
  const folder = packed?.folder ?? ''
  const own = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>

  it('is published as its manifest says, without a complaint of publint', async () => {
    const { messages } = await publint({ pkgDir: folder, strict: true })
    expect(messages).toEqual([])
  })

  it('asks for zod alone, for the engine where there is one, and for CDK from whoever uses it', () => {
    expect(own).toMatchObject({ name: manifest.name, version: manifest.version, license: manifest.license })
    expect(own.dependencies).toEqual({ zod: `^${manifest.dependencies.zod}` })
    expect(Object.keys(own.optionalDependencies ?? {})).toContain('@dynoxide/linux-x64')
    expect(Object.keys(own.optionalDependencies ?? {}).filter((name) => !name.startsWith('@dynoxide/'))).toEqual([])
    expect(Object.keys(own.peerDependencies ?? {})).toEqual(['aws-cdk-lib', 'constructs'])
  })

  it('gives on the licences of the code in its bundles', () => {
    const notices = readFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8')
    for (const name of ['@aws-sdk/client-dynamodb', 'hono', 'zod', 'commander', 'shlex']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'))
    }
    expect(notices).toContain('Apache License')
    expect(notices).toContain('Permission is hereby granted')
  })
})
