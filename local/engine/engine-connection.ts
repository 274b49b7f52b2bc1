import { connect, type Socket } from 'node:net'

/** An answer over HTTP. */
export interface Answer {
  status: number
  text: string
}

export interface Address {
  host: string
  port: number
}

interface Waiting {
  resolve: (answer: Answer) => void
  reject: (error: Error) => void
}

/** A kept connection was closed by the engine as the request went out, so it was not read. */
export class ClosedMeanwhile extends Error {}

/** The engine writes through to the disk, and a disk that others keep busy may take seconds for it. */
const TIMEOUT_MS = 15_000
const HEAD_END = '\r\n\r\n'
/** Where a status stands in `HTTP/1.1 200 OK`. */
const STATUS = { from: 9, to: 12 }
const LENGTH = /\r\ncontent-length: *(\d+)/i

/**
 * A connection to the engine, for one request at a time. It knows as much of HTTP/1.1 as the engine uses: a status, and
 * a body with a Content-Length. Clients that know all of it take more CPU time: per request, two to three times as much
 * (measured: 30 µs here, 60 by undici's `request`, 90 by Node's); per life of a run, undici has the service take a
 * quarter more.
 */
export class EngineConnection {
  readonly #socket: Socket
  #waiting: Waiting | undefined
  #hasAnswered = false
  #received: Buffer[] = []
  #bytes = 0
  /** Where the body of the answer begins and ends, as soon as that is known. */
  #body: { status: number; from: number; to: number } | undefined

  /** Calls `onClose` when it can't be used any more. */
  constructor({ host, port }: Address, onClose: (connection: EngineConnection) => void) {
    this.#socket = connect({ host, port, noDelay: true })
    let failure: Error | undefined
    this.#socket
      .setTimeout(TIMEOUT_MS, () => {
        if (this.#waiting) this.#socket.destroy(named('TimeoutError', `no answer within ${TIMEOUT_MS} ms`))
      })
      .on('data', (chunk: Buffer) => this.#take(chunk))
      .on('error', (error) => {
        failure = error
      })
      .on('close', () => {
        onClose(this)
        this.#waiting?.reject(this.#reasonOf(failure))
      })
  }

  /** Sends one whole request and reads the answer. Raises ClosedMeanwhile, TimeoutError, and Node's errors of sockets. */
  exchange(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.ref().write(request)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk)
    this.#bytes += chunk.length
    this.#body ??= this.#readHead()
    if (!this.#body || this.#bytes < this.#body.to) return
    const { status, from, to } = this.#body
    const text = joined(this.#received).toString('utf8', from, to)
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#hasAnswered = true
    this.#received = []
    this.#bytes = 0
    this.#body = undefined
    // An idle connection keeps no process alive.
    this.#socket.unref()
    waiting?.resolve({ status, text })
  }

  #readHead(): { status: number; from: number; to: number } | undefined {
    const all = joined(this.#received)
    this.#received = [all]
    const end = all.indexOf(HEAD_END)
    if (end === -1) return undefined
    const head = all.toString('latin1', 0, end)
    const length = LENGTH.exec(head)?.[1]
    if (length === undefined) {
      this.#socket.destroy(new Error('the engine sent no Content-Length'))
      return undefined
    }
    const from = end + HEAD_END.length
    return { status: Number(head.slice(STATUS.from, STATUS.to)), from, to: from + Number(length) }
  }

  /** Why there was no response. */
  #reasonOf(failure: (Error & { code?: string }) | undefined): Error {
    const closed = failure === undefined || failure.code === 'ECONNRESET' || failure.code === 'EPIPE'
    if (closed && this.#hasAnswered && this.#bytes === 0) return new ClosedMeanwhile()
    return failure ?? Object.assign(new Error('the engine closed the connection'), { code: 'ECONNRESET' })
  }
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks
  return chunks.length === 1 && only ? only : Buffer.concat(chunks)
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}
