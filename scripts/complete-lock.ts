/**
 * Adds the lock entries that npm leaves out for optional platform packages which the registry in use does not carry.
 * Without them `npm ci` stops with "Missing: … from lock file", even on platforms that never wanted those packages.
 * Run by `npm run lock` after each change of dependencies; a package already in the lock is left as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface LockEntry {
  version?: string
  optionalDependencies?: Record<string, string>
  os?: string[]
  cpu?: string[]
  libc?: string[]
  dev?: boolean
  optional?: boolean
}

const OS_NAMES = new Set([
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
])
const CPU_NAMES = new Set(['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'])

/** Reads platform constraints from a package name such as `@dynoxide/linux-arm64` or `@biomejs/cli-linux-x64-musl`. */
function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> | undefined {
  const words = (name.split('/').at(-1) ?? name).split(/[-.]/)
  const os = words.find((word) => OS_NAMES.has(word))
  const cpu = words.find((word) => CPU_NAMES.has(word))
  if (!os || !cpu) return undefined
  if (os !== 'linux') return { os: [os], cpu: [cpu] }
  if (words.some((word) => word.startsWith('musl'))) return { os: [os], cpu: [cpu], libc: ['musl'] }
  if (words.some((word) => word.startsWith('gnu'))) return { os: [os], cpu: [cpu], libc: ['glibc'] }
  return { os: [os], cpu: [cpu] }
}

const file = 'package-lock.json'
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockEntry> }
const added: string[] = []
for (const [parent, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = parent === '' ? `node_modules/${name}` : `${parent}/node_modules/${name}`
    if (lock.packages[nested] || lock.packages[`node_modules/${name}`] || !/^\d/.test(version)) continue
    const platform = platformOf(name)
    if (!platform) continue
    lock.packages[`node_modules/${name}`] = {
      version,
      ...platform,
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
    }
    added.push(name)
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`package-lock.json: ${added.length} entries added`)
