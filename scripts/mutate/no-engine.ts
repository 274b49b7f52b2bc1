import type { DynamoDbEngine } from '../../local/engine/dynoxide.ts'

let engines = 0

/** In place of `startDynoxide` while mutants are tried out: starts nothing, and gives each engine an address of its own. */
export function startDynoxide(): Promise<DynamoDbEngine> {
  engines += 1
  const done = Promise.resolve()
  return Promise.resolve({ endpoint: `http://memory-${engines}`, pid: 0, exited: done, stop: () => done })
}
