import type { Endpoint } from '#shared/contract/endpoint.ts'

/** The path of an endpoint with its parameters filled in, each encoded as a segment, whatever it is. */
export function pathOf(endpoint: Pick<Endpoint, 'path'>, params: Record<string, string> = {}): string {
  return endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}
