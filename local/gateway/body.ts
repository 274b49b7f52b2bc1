import type { IncomingMessage } from 'node:http'

/** API Gateway's limit on a request's body. */
const BODY_BYTES_MAX = 10 * 1024 * 1024

export type ReadBody = { kind: 'body'; body: Buffer | undefined } | { kind: 'too-large' } | { kind: 'aborted' }

const EMPTY: ReadBody = { kind: 'body', body: undefined }

/** Reads a whole body, as a gateway must before it can build an event. Undefined when there is none. */
export function readBody(request: IncomingMessage): ReadBody | Promise<ReadBody> {
  const declared = request.headers['content-length']
  if (request.headers['transfer-encoding'] === undefined && (declared === undefined || declared === '0')) return EMPTY
  if (Number(declared) > BODY_BYTES_MAX) return { kind: 'too-large' }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk)
      else resolve({ kind: 'too-large' })
    })
    request.on('end', () => {
      const [only] = chunks
      if (only === undefined) resolve(EMPTY)
      else resolve({ kind: 'body', body: chunks.length === 1 ? only : Buffer.concat(chunks, bytes) })
    })
    request.on('close', () => resolve({ kind: 'aborted' }))
    request.on('error', () => resolve({ kind: 'aborted' }))
  })
}
