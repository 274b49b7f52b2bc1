import type { TestProject } from 'vitest/node'
import { installReleases, type PrefectEnvironments } from './environments.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** null where Prefect is unavailable, with the reason printed. */
    prefect: PrefectEnvironments | null
  }
}

/** Installs Prefect before the first journey, or says plainly why there will be none. */
export default async function setup(project: TestProject): Promise<void> {
  try {
    const environments = await installReleases()
    const versions = Object.values(environments).map(({ version }) => version)
    console.log(`Prefect ${versions.join(', ')} installed from PyPI`)
    project.provide('prefect', environments)
  } catch (error) {
    console.log(`SKIPPED: Prefect can't be installed (python3 and PyPI are required). ${reasonOf(error)}`)
    project.provide('prefect', null)
  }
}

const REASON_CHARS_MAX = 600

function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  return (said.trim() || String(error)).slice(-REASON_CHARS_MAX)
}
