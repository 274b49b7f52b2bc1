import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** What the documents refer to: files and folders of this repository, scripts of package.json, sections of each other. */
const ROOT = join(import.meta.dirname, '..', '..')
const PAGES = globSync(['*.md', 'docs/*.md', '.github/**/*.md'], { cwd: ROOT })
const NOT_OURS = new Set(['node_modules', '.git', '.cache', '.pushpool', 'cdk.out', 'coverage', 'dist'])
const FOLDERS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NOT_OURS.has(entry.name))
  .map(({ name }) => name)
const FILE_NAMES = new Set(
  globSync(
    FOLDERS.map((folder) => `${folder}/**/*.ts`),
    { cwd: ROOT },
  ).map((file) => basename(file)),
)
const SCRIPTS = new Set(Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts))

const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8')
const proseOf = (page: string) => textOf(page).replace(/^```[\s\S]*?^```/gm, '')

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found)
}

/** A heading's anchor, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

/** `shared/flow-run/rules.ts` and `shared/<noun>/` are paths, `./.pushpool` and `work_pools/` are not. */
function pathsIn(page: string): string[] {
  const inside = matches(proseOf(page), /`([\w.-]+(?:\/[\w.-]+)*\/?)`/g)
  return inside.filter((path) => path.includes('/') && FOLDERS.includes(path.split('/')[0] ?? ''))
}

describe.each(PAGES)('%s', (page) => {
  it('names paths that exist', () => {
    expect(pathsIn(page).filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('names files that exist', () => {
    const names = matches(proseOf(page), /`([\w-]+(?:\.test)?\.ts)`/g)
    expect(names.filter((name) => !FILE_NAMES.has(name))).toEqual([])
  })

  it('names scripts of package.json', () => {
    const scripts = matches(textOf(page), /\bnpm run (?:-s )?([a-z][\w:-]*)/g)
    expect(scripts.filter((script) => !SCRIPTS.has(script))).toEqual([])
  })

  it('links to pages and sections that exist', () => {
    const links = matches(proseOf(page), /\]\((?!https?:)([^)\s]+)\)/g)
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(ROOT, target))) return true
      return (
        anchor !== undefined &&
        !matches(proseOf(target), /^#+ (.+)$/gm)
          .map(anchorOf)
          .includes(anchor)
      )
    })
    expect(broken).toEqual([])
  })
})

it('README.md lists every page of docs/', () => {
  const listed = matches(textOf('README.md'), /\]\((docs\/[\w-]+\.md)\)/g)
  expect(PAGES.filter((page) => page.startsWith('docs/') && !listed.includes(page))).toEqual([])
})
