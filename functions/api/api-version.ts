/** The oldest API version that is served; Prefect 2.0 and all after it send a newer one. */
const OLDEST = [0, 8, 0] as const

/** What is wrong with the version of the API that a client says it speaks; undefined for none said. */
export function versionProblem(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const version = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(header)?.slice(1).map(Number)
  if (!version) return `Invalid X-PREFECT-API-VERSION header format. Expected 'x.y.z'.`
  const at = OLDEST.findIndex((part, place) => version[place] !== part)
  if (at === -1 || (version[at] ?? 0) > (OLDEST[at] ?? 0)) return undefined
  return `The API version ${header} that the client speaks is older than ${OLDEST.join('.')}, the oldest served.`
}
