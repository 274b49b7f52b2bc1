import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'

const SCHEMAS = /[\\/]client-[a-z-]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/
/** How a client of the SDK registers the class of one error: a line of its own. */
const REGISTRATION = /^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm
/** A string under a short name, and its use as the name of a member. */
const STRING = /^const (_\w+) = ("[^"]*");$/gm
const MEMBER = /\[(_\w+)\]:/g
const ERROR_NAME = /\b[A-Z]\w*Exception\b/g

/**
 * Leaves out the SDK's classes of those errors that no file of ours names. Such an error comes as the class that all of a
 * client's errors have in common, with its own name and message: what the SDK does with errors newer than itself. 20 KB
 * of the api's bundle.
 */
export function namedErrorsOnly(root: string): Plugin {
  const sources = globSync('{shared,functions}/**/*.ts', { cwd: root })
  const named = new Set(sources.flatMap((file) => readFileSync(join(root, file), 'utf8').match(ERROR_NAME) ?? []))
  return {
    name: 'named-errors-only',
    setup(build) {
      build.onLoad({ filter: SCHEMAS }, ({ path }) => {
        const schemas = readFileSync(path, 'utf8')
        // An empty line stays, so that source maps do.
        const contents = schemas.replace(REGISTRATION, (line, name: string) => (named.has(name) ? line : ''))
        if (contents === schemas) throw new Error(`No error registrations found in ${path}; the SDK has changed.`)
        return { contents: withPlainMembers(contents), loader: 'js' }
      })
    },
  }
}

/**
 * Writes members with their names in place of constants that hold them: for all that the bundler knows, reading such a
 * constant might do something, so it keeps even unused schemas.
 */
function withPlainMembers(schemas: string): string {
  const strings = new Map([...schemas.matchAll(STRING)].map(([, name, text]) => [name, text]))
  return schemas.replace(MEMBER, (member, name: string) => (strings.has(name) ? `${strings.get(name)}:` : member))
}
