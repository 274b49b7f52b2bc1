import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/** Of a package's manifest nothing but its version is read, for the user agent; the rest would be 2 KB for each client. */
export const versionsOnly: Plugin = {
  name: 'versions-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}
