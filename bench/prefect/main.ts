import { runCommand } from '../command.ts'
import { creates, lifecycles, polls } from './loads.ts'
import { obstacle } from './opponent.ts'
import { pickUp } from './pick-up.ts'
import { queues } from './queues.ts'
import { FULL, QUICK, USAGE } from './sizes.ts'

await runCommand({
  name: 'bench:prefect',
  workloads: [creates, polls, lifecycles, queues, pickUp],
  presets: { full: FULL, quick: QUICK },
  sizesUsage: USAGE,
  obstacle,
})
