import { installRelease } from '../../test/prefect/support/environments.ts'
import { postgresPrograms, postgresVersion } from './postgres.ts'

/** What pushpool is measured against. */
export interface Opponent {
  /** Prefect's version. */
  version: string
  /** The folder of Prefect's programs. */
  prefect: string
  /** The folder of PostgreSQL's programs. */
  postgres: string
  postgresVersion: string
}

let finding: Promise<Opponent> | undefined

/**
 * Finds PostgreSQL on this machine and has the newest Prefect installed. Throws with a user-facing message if either is
 * unavailable.
 */
export function findOpponent(): Promise<Opponent> {
  return (finding ??= find())
}

async function find(): Promise<Opponent> {
  const postgres = postgresPrograms()
  if (postgres === undefined) throw new Error('PostgreSQL is not installed (on Debian: the package postgresql).')
  const { version, bin } = await installRelease('newest').catch((error: unknown) => {
    throw new Error(`Prefect can't be installed (python3 and PyPI are required). ${String(error)}`)
  })
  return { version, prefect: bin, postgres, postgresVersion: await postgresVersion(postgres) }
}

/** Why there is nothing to measure against, in a sentence; undefined when there is. */
export async function obstacle(): Promise<string | undefined> {
  return await findOpponent().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}
