import { API_BASE } from '../../../functions/api/app.ts'
import type { Json } from '../../support/api.ts'

interface Answer {
  status: number
  body: Json
}

/** The API of the deployed stack, with a key or without. */
export interface StackApi {
  send(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer>
  /** The same, but returns only the body, and throws unless the response is a success. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Json>
}

/**
 * Opens the API at the URL that the stack prints. Its host is `<id>.execute-api.localhost`, which not every resolver knows,
 * so this takes the emulator's other way to the same API, by path.
 */
export function openApi(endpoint: string, apiUrl: string, key?: string): StackApi {
  const [id] = new URL(apiUrl).hostname.split('.')
  const base = `${endpoint}/_aws/execute-api/${id}/$default${API_BASE}`
  const headers = { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) }
  const send: StackApi['send'] = async (method, path, body) => {
    const answer = await fetch(base + path, { method, headers, body: body ? JSON.stringify(body) : null })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const call: StackApi['call'] = async (method, path, body) => {
    const answer = await send(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  return { send, call }
}
