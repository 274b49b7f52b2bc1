/** The oldest API version that is served; Prefect 2.0 and all after it send a newer one. */
const OLDEST = [0, 8, 0] as const

/** The problem with a client's API version; undefined when it sends none. */
export function versionProblem(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const version = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(header)?.slice(1).map(Number)
  if (!version) return `Invalid X-PREFECT-API-VERSION header format. Expected 'x.y.z'.`
  const at = OLDEST.findIndex((part, place) => version[place] !== part)
  if (at === -1 || (version[at] ?? 0) > (OLDEST[at] ?? 0)) return undefined
  return `API version ${header} is not supported; the oldest supported version is ${OLDEST.join('.')}.`
}
