import type { Endpoint } from '#shared/contract/endpoint.ts'

/** The path of an endpoint with its parameters filled in, each encoded as one segment. */
export function pathOf(endpoint: Pick<Endpoint, 'path'>, params: Record<string, string> = {}): string {
  return endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}
