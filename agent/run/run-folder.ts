import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ClaimedRun } from '../report/hand-out.ts'

/** What a run has on disk while it is held. */
export interface RunFolder {
  path: string
  /** Where its command runs, unless its job says otherwise. */
  files: string
  outputFile: string
  exitFile: string
}

/** The paths of a run's folder; makes nothing. */
export function runFolder(workDir: string, { flow_run, generation }: ClaimedRun): RunFolder {
  const path = join(workDir, `${flow_run.id}.${generation}`)
  return { path, files: join(path, 'files'), outputFile: join(path, 'output.log'), exitFile: join(path, 'exit') }
}

/** Makes the folder, for nobody else to read. */
export function createFolder({ files }: RunFolder): void {
  mkdirSync(files, { recursive: true, mode: 0o700 })
}

/** Deletes the folder with all that is in it, if it is there. */
export function removeFolder({ path }: RunFolder): void {
  rmSync(path, { recursive: true, force: true })
}

/** Where a run's command runs: in the folder that its job names, as for Prefect's process worker, or in its own. */
export function placeOf({ job }: ClaimedRun, { files }: RunFolder): string {
  const { working_dir: place } = job.configuration
  return typeof place === 'string' && place !== '' ? place : files
}
