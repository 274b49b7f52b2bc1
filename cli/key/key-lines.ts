import type { ListedKey, NewKey } from '../../local/keys/key-ring.ts'

const HEADINGS = ['ID', 'NAME', 'SCOPE', 'STATUS', 'CREATED', 'EXPIRES']

/** Keys as a table for people, one a line. */
export function keyLines(keys: readonly ListedKey[]): string[] {
  const rows = keys.map((key) => [key.id, key.name, key.scope, key.status, day(key.created), end(key)])
  const widths = HEADINGS.map((heading, at) => Math.max(heading.length, ...rows.map((row) => row[at]?.length ?? 0)))
  return [HEADINGS, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** A new key's description, without its text. */
export function keyNote({ id, name, scope, ...key }: NewKey): string {
  const until = key.expires_at === null ? 'does not expire' : `expires ${end({ ...key })}`
  return `Key ${id} for '${name}' has scope ${scope} and ${until}. It is not shown again; keep it safe.`
}

const day = (time: string) => time.slice(0, 10)
const end = ({ expires_at }: Pick<ListedKey, 'expires_at'>) =>
  expires_at === null ? 'never' : `${expires_at.slice(0, 16).replace('T', ' ')} UTC`
