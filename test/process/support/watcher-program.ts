import { runWatcher } from '#shared/process/watcher/run-watcher.ts'

/** The watcher, as a program of its own. */
await runWatcher()
