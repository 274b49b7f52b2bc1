import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { fileURLToPath } from 'node:url'

const POSITION = /(file:\/\/\S+\.mjs):(\d+):(\d+)/g
const maps = new Map<string, SourceMap | undefined>()

/**
 * A stack trace with positions in the source tree in place of those in a bundle. Maps are read when the first trace needs
 * them: with Node's `--enable-source-maps` every cold start would, and take a third longer.
 */
export function originalStack(stack: string): string {
  return stack.replace(POSITION, (position: string, url: string, line: string, column: string) => {
    const origin = mapOf(url)?.findOrigin(Number(line), Number(column))
    if (!origin || !('fileName' in origin)) return position
    return `${origin.fileName.replace(/^(?:\.\.\/)+/, '')}:${origin.lineNumber}:${origin.columnNumber}`
  })
}

function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) maps.set(url, readMap(`${fileURLToPath(url)}.map`))
  return maps.get(url)
}

/** Undefined for a file without a map, and for one that can't be read: the trace is worth more than its positions. */
function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')) as SourceMapPayload)
  } catch {
    return undefined
  }
}
