import type { TestProject } from 'vitest/node'
import { chooseNodes, type Node } from './choose-nodes.ts'
import { npm } from './npm.ts'
import { packPackage } from './pack-package.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed package and the Node releases to test it with; null where the registry can't be reached. */
    packed: { folder: string; tarball: string; nodes: Node[] } | null
  }
}

const REASON_CHARS_MAX = 600

/** Builds and packs the package, or prints why nothing will be installed. */
export default async function setup(project: TestProject): Promise<(() => void) | undefined> {
  try {
    await npm(['view', 'zod', 'version', '--fetch-retries=1', '--fetch-timeout=20000'])
  } catch (error) {
    const reason = String(error).slice(-REASON_CHARS_MAX)
    console.log(`SKIPPED: the package's dependencies can't be installed here (the npm registry is needed). ${reason}`)
    project.provide('packed', null)
    return undefined
  }
  const nodes = await chooseNodes()
  const { remove, ...files } = await packPackage()
  project.provide('packed', { ...files, nodes })
  return remove
}
