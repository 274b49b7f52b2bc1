import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { COMMON_JS, ENTRIES, PROGRAM, ROOT } from './entries.ts'
import { typesFile } from './write-types.ts'

interface Manifest {
  name: string
  version: string
  description: string
  license: string
  dependencies: Record<string, string>
  optionalDependencies: Record<string, string>
  devDependencies: Record<string, string>
  peerDependencies?: Record<string, string>
}

/** What the user's app brings, as no two copies of it may meet in one program. */
const PEERS = ['aws-cdk-lib', 'constructs']
/** The engine of `pushpool start`. */
const ENGINE = '@dynoxide/'

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** The package's manifest, derived from the repository's and from what the bundles and types import. */
export function packageManifest(imported: ReadonlySet<string>) {
  const { name, version, description, license, dependencies, optionalDependencies, devDependencies } =
    readManifest(ROOT)
  const needed = [...imported].filter((each) => !PEERS.includes(each) && !each.startsWith(ENGINE)).toSorted()
  const lib = readManifest(join(ROOT, 'node_modules', 'aws-cdk-lib'))
  return {
    name,
    version,
    description,
    license,
    keywords: ['prefect', 'work-pool', 'queue', 'ecs', 'serverless', 'aws', 'cdk'],
    type: 'module',
    engines: { node: '>=22.12' },
    bin: { [PROGRAM.name]: `dist/${PROGRAM.name}.js` },
    exports: { ...Object.fromEntries(ENTRIES.map(exportOf)), './package.json': './package.json' },
    files: ['dist', 'demo', 'THIRD-PARTY-NOTICES.txt'],
    dependencies: Object.fromEntries(needed.map((each) => [each, rangeOf(each, dependencies)])),
    optionalDependencies: Object.fromEntries(
      Object.entries(optionalDependencies).filter(([each]) => each.startsWith(ENGINE)),
    ),
    peerDependencies: {
      'aws-cdk-lib': rangeOf('aws-cdk-lib', devDependencies),
      constructs: lib.peerDependencies?.constructs,
    },
    // npm installs a peer that is not optional, and someone who only wants the client would get all of CDK.
    peerDependenciesMeta: Object.fromEntries(PEERS.map((each) => [each, { optional: true }])),
  }
}

/** The packages that bundles still import. */
export function importedPackages(reports: readonly Metafile[]): string[] {
  const imports = reports.flatMap(({ outputs }) => Object.values(outputs).flatMap((each) => each.imports))
  return imports
    .filter(({ external, path }) => external && !path.startsWith('node:'))
    .map(({ path }) => path.replace(/^(@[^/]+\/[^/]+|[^/]+).*/, '$1'))
}

function exportOf(entry: (typeof ENTRIES)[number]): [string, object] {
  const { name } = entry
  const file = `./dist/${name}.${name === COMMON_JS ? 'cjs' : 'js'}`
  return [`./${name}`, { types: `./${typesFile(entry)}`, default: file }]
}

/** Anything compatible with the version that is tested here, so that a program has one copy of it. */
function rangeOf(name: string, versions: Record<string, string>): string {
  const version = versions[name]
  if (version === undefined) throw new Error(`The package would import ${name}, which package.json does not name.`)
  return `^${version}`
}
