import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { openStage, type Stage } from './stage.ts'

/** Gives each test of a file a stage of its own, on one engine. */
export function stageForEachTest(use: (stage: Stage) => void | Promise<void>): void {
  let engine: DynamoDbEngine
  let stage: Stage
  beforeAll(async () => {
    engine = await startDynoxide()
  })
  beforeEach(async () => {
    stage = await openStage(engine)
    await use(stage)
  })
  afterEach(() => stage.close())
  afterAll(() => engine.stop())
}
