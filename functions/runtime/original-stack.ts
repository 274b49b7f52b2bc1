import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload, type SourceOrigin } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Files of this bundle alone: a trace begins with a message, which may hold anything. */
const HERE = new URL('.', import.meta.url).href
const POSITION = /(file:\/\/\/[^\s:]+\/([\w-]+\.mjs)):(\d+):(\d+)/g
const maps = new Map<string, SourceMap | undefined>()

/**
 * A stack trace with positions in the source tree in place of those in the bundle; functions keep the names that they have
 * there. Maps are read when the first trace needs them: with Node's `--enable-source-maps` every cold start would, and
 * take a third longer.
 */
export function originalStack(stack: string): string {
  return stack.replace(POSITION, (position: string, url: string, file: string, line: string, column: string) => {
    const origin = url === HERE + file ? mapOf(url)?.findOrigin(Number(line), Number(column)) : undefined
    if (!origin || !isFound(origin)) return position
    return `${origin.fileName.replace(/^(?:\.\.\/)+/, '')}:${origin.lineNumber}:${origin.columnNumber}`
  })
}

function isFound(origin: SourceOrigin | object): origin is SourceOrigin {
  return 'fileName' in origin
}

function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) maps.set(url, readMap(url))
  return maps.get(url)
}

/** Undefined for a file without a map, and for one that can't be read: the trace is worth more than its positions. */
function readMap(url: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, 'utf8')) as SourceMapPayload)
  } catch {
    return undefined
  }
}
