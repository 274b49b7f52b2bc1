import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'

/** Where the modules are that answer a whole document, each as `readDocument()`. */
const MODULES = /[\\/]functions[\\/]api[\\/]documents[\\/][a-z-]+\.ts$/

/**
 * Writes what each module of `functions/api/documents/` answers into `documents/<module>.json` beside the bundle, and
 * puts in the module's place one that reads that file on first use. So neither long texts nor the code that makes them
 * are part of what Lambda loads at every start.
 */
export function documentsBeside(outputFolder: string): Plugin {
  const folder = join(outputFolder, 'documents')
  return {
    name: 'documents-beside',
    setup(build) {
      build.onLoad({ filter: MODULES }, async ({ path }) => {
        const { readDocument } = (await import(pathToFileURL(path).href)) as { readDocument: () => unknown }
        const file = `${basename(path, '.ts')}.json`
        mkdirSync(folder, { recursive: true })
        writeFileSync(join(folder, file), JSON.stringify(readDocument()))
        return { contents: reader(`documents/${file}`), loader: 'js' }
      })
    },
  }
}

/** A module that stands for another in the bundle, all of whose files are in one folder. */
function reader(file: string): string {
  return `
    import { readFileSync } from 'node:fs'
    import { join } from 'node:path'
    let document
    export const readDocument = () =>
      (document ??= JSON.parse(readFileSync(join(import.meta.dirname, ${JSON.stringify(file)}), 'utf8')))`
}

const CONTRACT = /[\\/]shared[\\/]contract[\\/](?:[a-z-]+[\\/])?[a-z-]+\.ts$/
/** A text, however it is quoted. */
const TEXT = /(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`[^`$]*`)/.source
/** Members of endpoints that say what each is for and is listed under. */
const MEMBERS = new RegExp(`^  (?:tag(?::\\s*${TEXT})?|summary:\\s*${TEXT}),`, 'gm')
/** The names of schemas. */
const NAMES = new RegExp(`(\\b(?:named|namedFilter)\\(\\s*)${TEXT}`, 'g')
/** What schemas are noted as. */
const NOTES = /^ *z\.globalRegistry\.add\([^]*?\)$/gm

/** The ends of a text's lines, without the lines. */
const linesOf = (text: string) => text.replace(/[^\n]/g, '')

/** Leaves out of the bundle what only the OpenAPI document says, which is beside it. Lines stay, so that source maps do. */
export const withoutDocumentation: Plugin = {
  name: 'without-documentation',
  setup(build) {
    build.onLoad({ filter: CONTRACT }, ({ path }) => {
      const contents = readFileSync(path, 'utf8')
        .replace(MEMBERS, linesOf)
        .replace(NOTES, linesOf)
        .replace(NAMES, "$1''")
      return { contents, loader: 'ts' }
    })
  },
}
