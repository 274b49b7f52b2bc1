/** One page of a list as Prefect's `/paginate` routes answer it. Pages count from 1. */
export function pageOf<T>(results: T[], count: number, { limit, page }: { limit: number; page: number }) {
  return { results, count, limit, pages: limit === 0 ? 0 : Math.ceil(count / limit), page }
}

export const FLOW_AND_DEPLOYMENT_ORDER = {
  CREATED_DESC: (a: Sortable, b: Sortable) => b.created - a.created,
  UPDATED_DESC: (a: Sortable, b: Sortable) => b.updated - a.updated,
  NAME_ASC: (a: Sortable, b: Sortable) => compareText(a.name, b.name),
  NAME_DESC: (a: Sortable, b: Sortable) => compareText(b.name, a.name),
}
type Sortable = { id: string; name: string; created: number; updated: number }

const compareText = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)

/** Sorts flows or deployments as Prefect's FlowSort and DeploymentSort say; the id breaks ties. */
export function sorted<T extends Sortable>(things: readonly T[], sort: keyof typeof FLOW_AND_DEPLOYMENT_ORDER): T[] {
  return things.toSorted((a, b) => FLOW_AND_DEPLOYMENT_ORDER[sort](a, b) || compareText(a.id, b.id))
}
