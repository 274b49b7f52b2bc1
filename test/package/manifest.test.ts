import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { describe, expect, inject, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const packed = inject('packed')

describe.skipIf(packed === null)('the package', () => {
  const folder = packed?.folder ?? ''
  const readOwn = () =>
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>

  it('is published as its manifest says, and passes publint', async () => {
    const { messages } = await publint({ pkgDir: folder, strict: true })
    expect(messages).toEqual([])
  })

  it('depends on zod alone, optionally on the engine, and on CDK as a peer', () => {
    const own = readOwn()
    expect(own).toMatchObject({ name: manifest.name, version: manifest.version, license: manifest.license })
    expect(own.dependencies).toEqual({ zod: `^${manifest.dependencies.zod}` })
    expect(Object.keys(own.optionalDependencies ?? {})).toContain('@dynoxide/linux-x64')
    expect(Object.keys(own.optionalDependencies ?? {}).filter((name) => !name.startsWith('@dynoxide/'))).toEqual([])
    expect(Object.keys(own.peerDependencies ?? {})).toEqual(['aws-cdk-lib', 'constructs'])
  })

  it('loads only the command line itself to show its version or help', () => {
    const loaded = staticImports(join(folder, 'dist', 'pushpool.js'))
    expect(loaded.bytes).toBeLessThan(100_000)
    expect(loaded.packages).toEqual([])
  })

  it('includes the licences of the code in its bundles', () => {
    const notices = readFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8')
    for (const name of ['@aws-sdk/client-dynamodb', 'hono', 'zod', 'commander', 'shlex']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'))
    }
    expect(notices).toContain('Apache License')
    expect(notices).toContain('Permission is hereby granted')
  })
})

const STATIC_IMPORT = /(?:^|;|\})(?:import|export)(?:[^;'"()]*?from)?"([^"]+)"/gm

/** What Node loads of a bundle before it runs: the size of all files, and the packages that they import. */
function staticImports(entry: string): { bytes: number; packages: string[] } {
  const files = new Set([entry])
  const packages = new Set<string>()
  let bytes = 0
  // Iterating over a set includes what is added on the way.
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    bytes += text.length
    for (const [, specifier = ''] of text.matchAll(STATIC_IMPORT)) {
      if (specifier.startsWith('.')) files.add(join(dirname(file), specifier))
      else if (!specifier.startsWith('node:')) packages.add(specifier)
    }
  }
  return { bytes, packages: [...packages] }
}
