import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The installed package, whose code is bundled, brings copies of the files; the repository has the files themselves. */
const PACKED = join(import.meta.dirname, '..', 'demo', 'files')
const SOURCE = existsSync(PACKED) ? PACKED : join(import.meta.dirname, '..')
/** What of them the commands read. */
export const COPIED = ['package.json', 'package-lock.json', 'shared', 'functions', 'local']

/** The files that the demo's commands read and write. */
export class Files {
  /** A copy of pushpool's own files, so that concurrent edits do not spoil the results. */
  readonly repository: string
  /** Where the commands write. */
  readonly out: string

  constructor(folder: string) {
    this.repository = join(folder, 'repository')
    this.out = join(folder, 'out')
    mkdirSync(this.out, { recursive: true })
    for (const name of COPIED) cpSync(join(SOURCE, name), join(this.repository, name), { recursive: true })
  }

  /** The text of a file of the repository. */
  own(file: string): string {
    return readFileSync(join(this.repository, file), 'utf8')
  }

  /** What a command wrote. */
  made(file: string): Buffer {
    return readFileSync(join(this.out, file))
  }

  /** The text that a command wrote. */
  madeText(file: string): string {
    return this.made(file).toString()
  }

  /** The TypeScript files of a folder of the repository, in the order of their bytes. */
  sources(folder: string): string[] {
    const files = readdirSync(join(this.repository, folder), { recursive: true, encoding: 'utf8' })
    return files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file}`)
      .toSorted()
  }

  /** The text of all those files, one after the other. */
  sourceText(folder: string): string {
    return this.sources(folder)
      .map((file) => this.own(file))
      .join('')
  }
}

/** The lines of a text, without empty ones. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
