import { VERSION } from '#shared/version.ts'
import type { Work } from './work.ts'

const BANNER = String.raw`
                  _                     _                            _
  _ __  _  _  ___| |_   _ __  ___  ___ | |    __ _  __ _  ___  _ _  | |_
 | '_ \| || |(_-<| ' \ | '_ \/ _ \/ _ \| |   / _' |/ _' |/ -_)| ' \ |  _|
 | .__/ \_,_|/__/|_||_|| .__/\___/\___/|_|   \__,_|\__, |\___||_||_| \__|
 |_|                   |_|                         |___/
`

/** The first line of an agent: where its API is; undefined for one of its own. */
export function connectionLine(url: string | undefined): string {
  return `Starting v${VERSION} agent ${url === undefined ? 'with ephemeral API' : `connected to ${url}`}...`
}

/** What it looks for, as Prefect's agent says it. */
export function startedLine(work: Work, queues: readonly string[]): string {
  return `Agent started! Looking for work from ${soughtIn(work, queues)}...`
}

function soughtIn(work: Work, queues: readonly string[]): string {
  switch (work.kind) {
    case 'pool':
      return `work pool '${work.poolName}'`
    case 'match':
      return `queue(s) that start with the prefix: ${work.match.join(', ')}`
    case 'queues':
    case 'tags':
      return `queue(s): ${queues.join(', ')}`
  }
}

/** What stands between the two lines. */
export function banner(): string {
  return BANNER
}
