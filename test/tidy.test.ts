import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { expect, it } from 'vitest'

/** The house rules that a machine can check. CONTRIBUTING.md says them in words; the reasons are there too. */
const ROOT = join(import.meta.dirname, '..')
const FOLDERS = [
  'shared',
  'functions',
  'local',
  'agent',
  'cli',
  'console',
  'demo',
  'cdk',
  'bench',
  'scripts',
  'examples',
  'test',
]
const FOLDER_FILES_MAX = 30
/** The parts whose folders import one way among themselves, so that each can be read without those above it. */
const ONE_WAY = ['shared/engine', 'shared/storage', 'shared/contract', 'functions', 'local', 'agent']
const FILE_LINES_MAX = { source: 300, test: 500 }
const FILE_LINES_MEDIAN = 80
const FUNCTION_LINES_MAX = 70

/** The nouns: schemas and pure rules, no input or output. They may know each other. */
const NOUNS = [
  'shared/agent',
  'shared/flow-run',
  'shared/work-pool',
  'shared/work-queue',
  'shared/deletion',
  'shared/deployment',
  'shared/flow',
  'shared/worker',
  'shared/limit',
  'shared/log',
  'shared/ecs-task',
  'shared/task-run',
  'shared/api-key',
  'shared/variable',
  'shared/block',
  'shared/artifact',
  'shared/template',
  'shared/json-schema',
  'shared/pattern',
  'shared/filter',
]
const BASE = [
  'shared/instant.ts',
  'shared/json',
  'shared/ids.ts',
  'shared/bounds.ts',
  'shared/errors.ts',
  'shared/version.ts',
  'package.json',
]
const FOUNDATION = [...BASE, ...NOUNS]

/** Which parts each part of the project may import; the longest matching name counts. Imports go one way. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'shared/instant.ts': [],
  'shared/ids.ts': [],
  'shared/json': [],
  'shared/bounds.ts': [],
  'shared/errors.ts': [],
  'shared/version.ts': ['package.json'],
  ...Object.fromEntries(NOUNS.map((noun) => [noun, FOUNDATION])),
  'shared/storage': FOUNDATION,
  'shared/deps.ts': [...FOUNDATION, 'shared/storage'],
  'shared/config.ts': BASE,
  'shared/engine': [...FOUNDATION, 'shared/storage', 'shared/deps.ts'],
  'shared/aws': [...FOUNDATION, 'shared/deps.ts', 'shared/config.ts'],
  'shared/contract': FOUNDATION,
  'shared/client': [...FOUNDATION, 'shared/contract'],
  functions: ['shared'],
  local: ['shared', 'functions'],
  demo: ['shared', 'local'],
  'shared/process': BASE,
  // Those who talk to the service do so through the client.
  agent: [...FOUNDATION, 'shared/client', 'shared/contract', 'shared/process'],
  console: [...FOUNDATION, 'shared/client', 'shared/contract'],
  // Beyond that, the agent, and what must work where no service runs yet: starting one, the demo, and the first key.
  cli: [
    ...FOUNDATION,
    'shared/client',
    'shared/contract',
    'shared/process',
    'shared/deps.ts',
    'agent',
    'local',
    'demo',
  ],
  // The app bundles the functions, so that what is deployed is never older than the code.
  cdk: ['shared/config.ts', 'shared/storage/dynamo/table.ts', 'shared/version.ts', 'package.json', 'scripts/bundle.ts'],
  // The comparison installs Prefect as the journeys do.
  bench: [
    'shared',
    'functions',
    'local',
    'scripts',
    'agent',
    'cdk/function-shapes.ts',
    'test/prefect/support/environments.ts',
  ],
  // The demo's files are part of the package.
  scripts: ['shared', 'functions', 'demo/files.ts', 'package.json'],
}

/** Packages that only one part may import. */
const KEEPERS: Record<string, readonly string[]> = {
  '@aws-sdk/client-dynamodb': ['shared/storage'],
  '@aws-sdk/util-dynamodb': ['shared/storage'],
  '@aws-sdk/client-sqs': ['shared/aws'],
  '@aws-sdk/client-ecs': ['shared/aws'],
  hono: ['functions/api'],
  'aws-cdk-lib': ['cdk'],
  'cdk-nag': ['cdk'],
  constructs: ['cdk'],
}

const BANNED_NAMES = /(^|\/)(utils?|helpers?|common|misc|managers?|services)(\/|\.ts$|$)/

const files = FOLDERS.flatMap((folder) => listFiles(folder)).filter((file) => /\.tsx?$/.test(file))
const sources = files.filter((file) => !file.startsWith('test/'))

function listFiles(folder: string): string[] {
  try {
    const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
  } catch {
    return []
  }
}

interface Node {
  type: string
  start: number
  end: number
  [member: string]: unknown
}

function* walk(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const each of node) yield* walk(each)
  else if (node !== null && typeof node === 'object') {
    if ('type' in node) yield node as Node
    for (const value of Object.values(node)) if (typeof value === 'object') yield* walk(value)
  }
}

function parse(file: string): { text: string; nodes: Node[] } {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return { text, nodes: [...walk(parseAst(text, { lang: file.endsWith('x') ? 'tsx' : 'ts' }))] }
}

function importsOf(nodes: readonly Node[]): string[] {
  const kinds = new Set(['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression'])
  return nodes
    .filter(({ type }) => kinds.has(type))
    .flatMap(({ source }) => {
      const value = (source as { value?: unknown } | null)?.value
      return typeof value === 'string' ? [value] : []
    })
}

const isIn = (path: string, part: string) => path === part || path.startsWith(`${part}/`)

function longestPart(path: string): string | undefined {
  const parts = Object.keys(MAY_IMPORT).filter((part) => isIn(path, part))
  return parts.toSorted((a, b) => b.length - a.length)[0]
}

function functionLines({ text, nodes }: { text: string; nodes: readonly Node[] }): { at: number; lines: number }[] {
  const kinds = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length
  return nodes
    .filter(({ type }) => kinds.has(type))
    .map(({ start, end }) => ({ at: lineAt(start), lines: lineAt(end) - lineAt(start) + 1 }))
}

/** Test suites are functions too, but they only list. */
const isSuite = (file: string) => file.endsWith('.test.ts')

const parsed = files.map((file) => ({ file, ...parse(file) }))

function strayImports(file: string, nodes: readonly Node[]): string[] {
  const mine = longestPart(file)
  if (!mine) return []
  const allowed = [mine, ...(MAY_IMPORT[mine] ?? [])]
  return importsOf(nodes).filter((specifier) => {
    const keeper = Object.entries(KEEPERS).find(([name]) => isIn(specifier, name))
    if (keeper) return !keeper[1].some((part) => isIn(file, part))
    const target = targetOf(file, specifier)
    return target !== undefined && !allowed.some((name) => isIn(target, name))
  })
}

/** The file of this repository that an import means; undefined for packages. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#shared/')) return specifier.slice(1)
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : undefined
}

/** The folders of a part that import each other in a circle, however long. */
function circularRooms(part: string): string[] {
  return circular(part, (path) => path.slice(part.length + 1).split('/')[0] ?? '')
}

/** What imports each other in a circle within a part, by the room that a file is in. */
function circular(part: string, roomOf: (path: string) => string): string[] {
  const imported = new Map<string, Set<string>>()
  for (const { file, nodes } of parsed.filter((each) => isIn(each.file, part))) {
    const rooms = imported.get(roomOf(file)) ?? new Set<string>()
    imported.set(roomOf(file), rooms)
    for (const target of importsOf(nodes).flatMap((specifier) => targetOf(file, specifier) ?? [])) {
      if (isIn(target, part) && roomOf(target) !== roomOf(file)) rooms.add(roomOf(target))
    }
  }
  for (let found = true; found; ) {
    const leaves = [...imported].filter(([, rooms]) => [...rooms].every((room) => !imported.has(room)))
    for (const [room] of leaves) imported.delete(room)
    found = leaves.length > 0
  }
  return [...imported.keys()]
}

it('imports go one way, and each SDK is imported by one part', () => {
  const stray = parsed.flatMap(({ file, nodes }) => strayImports(file, nodes).map((to) => `${file} imports ${to}`))
  expect(stray).toEqual([])
})

it.each(ONE_WAY)('the folders of %s import one way', (part) => {
  expect(circularRooms(part)).toEqual([])
})

it.each(['shared', 'functions', 'local', 'agent', 'cli', 'demo', 'cdk', 'scripts'])(
  'no files of %s import in a circle',
  (part) => {
    expect(circular(part, (path) => path)).toEqual([])
  },
)

it('shared/ is imported as #shared, except by neighbours', () => {
  const long = parsed.flatMap(({ file, nodes }) =>
    importsOf(nodes).flatMap((specifier) => {
      const far = specifier.startsWith('../') && isIn(targetOf(file, specifier) ?? '', 'shared')
      return far ? [`${file} imports ${specifier}`] : []
    }),
  )
  expect(long).toEqual([])
})

it('the client imports only types beside JSON, and runs wherever fetch does', () => {
  const client = parsed.filter(({ file }) => isIn(file, 'shared/client'))
  const needed = client.flatMap(({ file, nodes }) =>
    importsOf(nodes.filter(({ importKind, exportKind }) => importKind !== 'type' && exportKind !== 'type'))
      .filter(
        (specifier) => !['shared/client', 'shared/json'].some((part) => isIn(targetOf(file, specifier) ?? '', part)),
      )
      .map((specifier) => `${file} imports ${specifier}`),
  )
  expect(client.length).toBeGreaterThan(0)
  expect(needed).toEqual([])
})

it('no folder holds too many files', () => {
  const folders = new Map<string, number>()
  for (const folder of [...FOLDERS, 'docs']) {
    for (const file of listFiles(folder)) folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1)
  }
  expect([...folders].filter(([, count]) => count > FOLDER_FILES_MAX)).toEqual([])
})

it('every source file belongs to a layer', () => {
  expect(sources.filter((file) => !longestPart(file))).toEqual([])
})

it('no file is long, and most are short', () => {
  const lengths = parsed.map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
  const maxOf = (file: string) => (file.startsWith('test/') ? FILE_LINES_MAX.test : FILE_LINES_MAX.source)
  expect(lengths.filter(({ file, lines }) => lines > maxOf(file))).toEqual([])
  const sorted = lengths.filter(({ file }) => !file.startsWith('test/')).map(({ lines }) => lines)
  expect(sorted.toSorted((a, b) => a - b)[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(FILE_LINES_MEDIAN)
})

it('no function is long', () => {
  const long = parsed
    .filter(({ file }) => !isSuite(file))
    .flatMap((one) => functionLines(one).map((each) => ({ file: one.file, ...each })))
    .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
  expect(long).toEqual([])
})

it('names say what a file holds', () => {
  expect(files.filter((file) => BANNED_NAMES.test(file) || !/^[a-z0-9./-]+$/.test(file))).toEqual([])
})
