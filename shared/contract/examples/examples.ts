import { adminExamples } from './admin.ts'
import { agentExamples } from './agent.ts'
import { apiKeyExamples } from './api-key.ts'
import { artifactExamples } from './artifact.ts'
import { blockExamples } from './block.ts'
import { deploymentExamples } from './deployment.ts'
import type { Example } from './example.ts'
import { flowExamples } from './flow.ts'
import { flowRunExamples } from './flow-run.ts'
import { limitExamples } from './limit.ts'
import { logExamples } from './log.ts'
import { taskRunExamples } from './task-run.ts'
import { variableExamples } from './variable.ts'
import { workPoolExamples } from './work-pool.ts'
import { workQueueExamples } from './work-queue.ts'

/** An example for each operation, by its name. The OpenAPI document alone shows them, so they are in no bundle. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  ...adminExamples,
  ...apiKeyExamples,
  ...workPoolExamples,
  ...workQueueExamples,
  ...agentExamples,
  ...flowExamples,
  ...deploymentExamples,
  ...flowRunExamples,
  ...taskRunExamples,
  ...limitExamples,
  ...logExamples,
  ...variableExamples,
  ...blockExamples,
  ...artifactExamples,
}
