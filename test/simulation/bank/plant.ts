import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { bugNamed } from './bugs.ts'
import { planted } from './planted.ts'

/** Names the bug that this process has; its threads have it, too. */
const NAME = process.env.PUSHPOOL_BUG
const ROOT = join(import.meta.dirname, '..', '..', '..')

// Loaded by `node --import`, so nothing but the bank itself has been loaded before.
if (NAME !== undefined) {
  const bug = bugNamed(NAME)
  const url = pathToFileURL(join(ROOT, bug.file)).href
  registerHooks({
    load(address, context, nextLoad) {
      const loaded = nextLoad(address, context)
      if (address !== url) return loaded
      const { source } = loaded
      const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8')
      // Said once, and where it happened: a bug in code that nothing imports is not there.
      if (isMainThread) process.stderr.write(`planted: ${bug.name}\n`)
      // The format says that its types are still to be stripped.
      return { ...loaded, source: planted(bug, text) }
    },
  })
}
