import { readFileSync } from 'node:fs'
import { CliError, EXIT_CODE } from '../exit-code.ts'
import { UsageError } from '../usage-error.ts'

type Env = Record<string, string | undefined>

/** Returns the key that counts now; undefined for none. */
export type ReadApiKey = () => string | undefined

/** The API's URL as given, or from the environment; undefined for none. Throws UsageError. */
export function parseApiUrl(given: string | undefined, env: Env): string | undefined {
  const [name, url] =
    given !== undefined
      ? ['--api', given]
      : env.PUSHPOOL_API_URL
        ? ['PUSHPOOL_API_URL', env.PUSHPOOL_API_URL]
        : ['PREFECT_API_URL', env.PREFECT_API_URL || undefined]
  if (url === undefined) return undefined
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new UsageError(`Invalid ${name} '${url}' (http or https).`)
  if (parsed.username || parsed.password) {
    throw new UsageError(`${name} must not contain credentials; put the key in PUSHPOOL_API_KEY.`)
  }
  return url.replace(/\/+$/, '')
}

/**
 * A reader of the key: of the file that is given or that PUSHPOOL_API_KEY_FILE names, again at each call since keys are
 * rotated, else of the environment. There is no option for the key itself, which everyone on the host would see. It
 * throws while there has been no readable file; later the last key serves until the file can be read again.
 */
export function apiKeyReader(file: string | undefined, env: Env): ReadApiKey {
  const path = file ?? (env.PUSHPOOL_API_KEY_FILE || undefined)
  if (path === undefined) return () => env.PUSHPOOL_API_KEY || env.PREFECT_API_KEY || undefined
  let last: string | undefined
  return () => {
    try {
      last = readFileSync(path, 'utf8').trim() || last
    } catch (error) {
      if (last === undefined) throw unreadable(path, error)
    }
    if (last === undefined) throw new CliError(EXIT_CODE.failed, `The key file ${path} is empty.`)
    return last
  }
}

function unreadable(path: string, error: unknown): CliError {
  const { code } = error as NodeJS.ErrnoException
  return new CliError(EXIT_CODE.failed, `The key file ${path} can't be read${code ? ` (${code})` : ''}.`, {
    cause: error,
  })
}
