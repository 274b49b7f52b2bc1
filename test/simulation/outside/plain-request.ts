/**
 * A request, as far as the service reads one. Node's own makes a stream of each body, and that takes longer than most calls
 * do.
 */
class PlainRequest {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly #body: string

  constructor(url: string, { method, headers, body = '' }: RequestParts) {
    this.url = url
    this.method = method
    this.headers = new Headers(headers)
    this.#body = body
  }

  text(): Promise<string> {
    return Promise.resolve(this.#body)
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.resolve(new TextEncoder().encode(this.#body).buffer)
  }

  /** Its body can be read any number of times. */
  clone(): this {
    return this
  }
}

export interface RequestParts {
  method: string
  headers: Record<string, string>
  body?: string | undefined
}

/** A request to the API under this path, in JSON. */
export function apiRequest(path: string, { headers, ...parts }: RequestParts): Request {
  const all = { 'content-type': 'application/json', ...headers }
  return new PlainRequest(`http://app/api${path}`, { ...parts, headers: all }) as unknown as Request
}
