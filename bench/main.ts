import { runCommand } from './command.ts'
import { FULL, QUICK, USAGE } from './sizes.ts'
import { WORKLOADS } from './workloads.ts'

await runCommand({
  name: 'bench',
  workloads: WORKLOADS,
  presets: { full: FULL, quick: QUICK },
  sizesUsage: USAGE,
})
