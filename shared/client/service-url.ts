/**
 * The base of the API at a service's URL, which may name the API itself (`…/api`) and end with slashes. Throws TypeError
 * for what is not an http or https URL.
 */
export function apiBaseOf(url: string): string {
  const { protocol, origin, pathname, username, password } = parse(url)
  if (!/^https?:$/.test(protocol)) throw new TypeError(`The URL must be http or https, not '${protocol}'.`)
  if (username || password) throw new TypeError('The URL must not contain credentials; pass the key as apiKey.')
  return `${origin}${pathname.replace(/\/+$/, '').replace(/\/api$/, '')}/api`
}

function parse(url: string): URL {
  if (!URL.canParse(url)) throw new TypeError(`'${url}' is not a URL.`)
  return new URL(url)
}
