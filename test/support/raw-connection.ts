import { connect, type Socket } from 'node:net'

/**
 * A connection to a server on loopback that sends a request's target as it is given, a byte a character: HTTP clients
 * would resolve and encode it first. It is opened again when the server has closed it.
 */
export class RawConnection {
  readonly #port: number
  #socket: Socket | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** Sends a request with a JSON body, if any; returns the status of the answer, which must say how long it is. */
  async send(method: string, target: string, body?: unknown): Promise<number> {
    const text = body === undefined ? '' : JSON.stringify(body)
    const head = [
      `${method} ${target} HTTP/1.1`,
      `Host: 127.0.0.1:${this.#port}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(text)}`,
    ]
    this.#socket ??= connect(this.#port, '127.0.0.1').setNoDelay()
    this.#socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(text)]))
    return await this.#answer(this.#socket)
  }

  close(): void {
    this.#socket?.destroy()
  }

  async #answer(socket: Socket): Promise<number> {
    return await new Promise((resolve, reject) => {
      let text = ''
      const settle = (end: () => void) => {
        socket.removeAllListeners()
        end()
      }
      socket.on('data', (data) => {
        text += data.toString('latin1')
        if (isWhole(text)) settle(() => resolve(statusOf(text)))
      })
      const closed = () => {
        this.#socket = undefined
        settle(() => (text === '' ? reject(new Error('closed without an answer')) : resolve(statusOf(text))))
      }
      socket.on('close', closed)
      socket.on('error', closed)
    })
  }
}

const statusOf = (text: string) => Number(text.slice('HTTP/1.1 '.length).slice(0, 3))

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1 || /\r\nconnection: close/i.test(text.slice(0, end))) return false
  const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end)) ?? []
  return text.length >= end + 4 + Number(length)
}
