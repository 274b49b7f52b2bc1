import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { COMMON_JS, ENTRIES, type ExportName, ROOT } from './entries.ts'

/** Every module that a declaration names, in an import, an export or a type. */
const SPECIFIER = /(\bfrom |\bimport\(|^import )(['"])([^'"\n]+)\2/gm

/**
 * Writes the declarations of each export into `types/` of a folder, with those that they refer to, and nothing else of the
 * source. Returns the packages that they name.
 */
export function writeTypes(folder: string): Set<string> {
  const declared = declarationsOf(ENTRIES.map(({ source }) => source))
  const packages = new Set<string>()
  for (const { name, source } of ENTRIES) writeReachable(source, { name, declared, folder, packages })
  return packages
}

/** Where the declarations of an export are, in the package. */
export function typesFile({ name, source }: { name: ExportName; source: string }): string {
  return `dist/types/${source.replace(/ts$/, extensionsOf(name).declaration)}`
}

interface Target {
  name: ExportName
  declared: (source: string) => string
  folder: string
  packages: Set<string>
}

function writeReachable(entry: string, { name, declared, folder, packages }: Target): void {
  const { declaration, code } = extensionsOf(name)
  const reached = new Set([entry])
  // A set hands out what is added to it on the way.
  for (const source of reached) {
    const text = declared(source).replace(SPECIFIER, (_, before: string, quote: string, specifier: string) => {
      const target = sourceOf(source, specifier)
      if (target === undefined) {
        packages.add(specifier.replace(/^(@[^/]+\/[^/]+|[^/]+).*/, '$1'))
        return `${before}${quote}${specifier}${quote}`
      }
      reached.add(target)
      const path = relative(dirname(source), target).replace(/ts$/, code)
      return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`
    })
    const file = join(folder, 'types', source.replace(/ts$/, declaration))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

/** TypeScript reads a module's kind from the ending of its declaration. */
function extensionsOf(name: ExportName): { declaration: string; code: string } {
  return name === COMMON_JS ? { declaration: 'd.cts', code: 'cjs' } : { declaration: 'd.ts', code: 'js' }
}

/** The source that a specifier means, as a path in the repository; undefined for packages. */
function sourceOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1)
  return specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : undefined
}

/** Has the compiler declare what these sources and all that they import export; returns a reader of the results. */
function declarationsOf(sources: readonly string[]): (source: string) => string {
  const work = join(ROOT, 'dist', 'declarations')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      outDir: work,
      rootDir: ROOT,
    },
    files: sources.map((source) => join(ROOT, source)),
    include: [],
  }
  const file = join(work, 'tsconfig.json')
  writeFileSync(file, JSON.stringify(config))
  execFileSync(join(ROOT, 'node_modules', '.bin', 'tsc'), ['--project', file], { stdio: 'inherit' })
  return (source) => readFileSync(join(work, source.replace(/ts$/, 'd.ts')), 'utf8')
}
