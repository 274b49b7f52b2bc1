import { join } from 'node:path'
import { hostSeconds } from '#shared/process/host-clock.ts'
import { startTree } from '#shared/process/process-tree.ts'
import { childEnvironment } from '#shared/process/program.ts'
import { ChildWatcher } from '#shared/process/watcher/child-watcher.ts'
import type { AgentOptions } from './agent-process.ts'

/**
 * What an agent does with its children, to be stopped and killed: it starts one of each command, feeds the watcher all the
 * time, and prints what it learns as JSON lines.
 */
const options = JSON.parse(process.argv[2] ?? '') as AgentOptions
const { folder, watcherProgram, commands, leaseSeconds, mark } = options
const say = (message: unknown) => void process.stdout.write(`${JSON.stringify(message)}\n`)

const watcher = new ChildWatcher({ program: watcherProgram })
watcher.onEnded((ids) => say({ endedByWatcher: ids }))
const feed = () => watcher.feed(hostSeconds() + leaseSeconds)
feed()
setInterval(feed, 50)
process.on('SIGTERM', () => void watcher.close().then(() => process.exit(0)))

for (const [index, command] of commands.entries()) {
  const tree = await startTree(
    {
      command,
      cwd: folder,
      env: childEnvironment(process.env, {}),
      mark: `${mark}-${index}`,
      outputFile: join(folder, `output-${index}`),
      exitFile: join(folder, `exit-${index}`),
    },
    watcher,
  )
  say({ started: tree.process, watcher: watcher.pid })
  void tree.ended.then((end) => say({ end }))
}
