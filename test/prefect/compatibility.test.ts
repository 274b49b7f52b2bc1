import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { ENDPOINTS } from '#shared/contract/endpoints.ts'
import { documentPath } from '#shared/contract/openapi.ts'
import { journeys } from './support/journey.ts'

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'compatibility.md'), 'utf8')
/** The routes of the newest server as its own OpenAPI document has them: `["GET /flows/{id}", …]`. */
const ROUTES_OF_A_SERVER = `import json
from prefect.server.api.server import create_app
mounted = next(each.app for each in create_app().routes if getattr(each, "path", "") == "/api")
paths = mounted.openapi()["paths"]
print(json.dumps([f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]))
`
const AN_ID = '3f6f2f0a-6f0e-4a52-9d9f-0c7f3f0f4a11'

interface Row {
  route: string
  verdict: string
  note: string
}

/** Rows of a table under a heading: `| GET /flows/{id} | works | … |`. */
function rowsUnder(heading: string): Row[] {
  const section = PAGE.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| `([A-Z]+ \/[^`]*)` \| (\w+) \| ?(.*?) ?\|$/gm)].map(
    ([, route = '', verdict = '', note = '']) => ({ route, verdict, note }),
  )
}

const ROUTES = rowsUnder('Routes')
const ONES_OF_PREFECT_2 = rowsUnder('Routes of Prefect 2 alone')
const OWN_ROUTES = rowsUnder('Routes of our own')
const all = [...ROUTES, ...ONES_OF_PREFECT_2, ...OWN_ROUTES]

describe('the tables of docs/compatibility.md', () => {
  it('give each route one of three verdicts, and a reason unless it works', () => {
    expect(all.filter(({ verdict }) => !['works', 'partly', 'not'].includes(verdict))).toEqual([])
    expect(all.filter(({ verdict, note }) => verdict !== 'works' && note.length < 10)).toEqual([])
  })

  it('include every route that is served here', () => {
    const told = new Set(all.filter(({ verdict }) => verdict !== 'not').map(({ route }) => plain(route)))
    const here = ENDPOINTS.map(({ method, path }) => plain(`${method} ${documentPath(path)}`))
    expect(here.filter((route) => !told.has(route))).toEqual([])
  })
})

journeys('docs/compatibility.md', 'newest', (journey) => {
  let routes: string[]
  beforeAll(async () => {
    const { status, stdout, stderr } = await journey().python(ROUTES_OF_A_SERVER)
    if (status !== 0) throw new Error(stderr)
    routes = JSON.parse(stdout)
  }, 120_000)

  it('lists every route of a Prefect server once, and no others', () => {
    expect(ROUTES.map(({ route }) => route).toSorted(byText)).toEqual(routes.toSorted(byText))
  })

  it.each(all)('$route: $verdict', async ({ route, verdict }) => {
    const [method = '', path = ''] = route.split(' ')
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => (name.endsWith('id') ? AN_ID : 'x'))
    const body = method === 'GET' || method === 'DELETE' ? null : '{}'
    const answer = await fetch(journey().apiUrl + filled, { method, body })
    const nobodysRoute = answer.status === 404 && (await answer.text()).startsWith('{"detail":"Not Found"')
    expect(nobodysRoute).toBe(verdict === 'not')
    expect(answer.status).toBeLessThan(500)
  })
})

describe('the releases that docs/compatibility.md names', () => {
  it('are the ones installed here', ({ skip }) => {
    const environments = inject('prefect')
    if (!environments) return skip('no Prefect here')
    for (const { version } of Object.values(environments)) expect(PAGE).toContain(version)
  })
})

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** A route regardless of its parameters' names and a trailing slash. */
function plain(route: string): string {
  return route.replace(/\{\w+\}/g, '{}').replace(/\/$/, '')
}
