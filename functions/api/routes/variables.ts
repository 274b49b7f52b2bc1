import type { Hono } from 'hono'
import * as contract from '#shared/contract/variable/variable.ts'
import type { Deps } from '#shared/deps.ts'
import { createVariable } from '#shared/engine/variable/create-variable.ts'
import { updateVariable } from '#shared/engine/variable/update-variable.ts'
import { notFound } from '#shared/errors.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { variableKey } from '#shared/storage/dynamo/table.ts'
import { getVariable } from '#shared/storage/variable/get-variable.ts'
import { listVariables } from '#shared/storage/variable/list-variables.ts'
import { variableIdOf } from '#shared/variable/variable.ts'
import { matchesVariable, type VariableFilter } from '#shared/variable/variable-filter.ts'
import { sorted } from '../page.ts'
import { route } from '../route.ts'
import { variableView } from '../views/variable.ts'

/** Serves variables. */
export function variableRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createVariable, async ({ body }) => variableView(await createVariable(deps, body)))

  const find = async (filter: VariableFilter | undefined) =>
    (await listVariables(deps.table)).filter((each) => matchesVariable(each, filter))
  route(app, contract.listVariables, async ({ body: { variables, sort, limit, offset } }) =>
    sorted(await find(variables), sort)
      .slice(offset, offset + limit)
      .map(variableView),
  )
  route(app, contract.countVariables, async ({ body }) => (await find(body.variables)).length)

  const read = async (id: string, shown: string) => {
    const variable = await getVariable(deps.table, id)
    if (!variable) throw notFound('Variable', shown)
    return variableView(variable)
  }
  route(app, contract.getVariable, ({ params: { id } }) => read(id, id))
  route(app, contract.getVariableByName, ({ params: { name } }) => read(variableIdOf(name), name))

  route(app, contract.updateVariable, ({ params, body }) => updateVariable(deps, params.id, body))
  route(app, contract.updateVariableByName, ({ params, body }) => updateVariable(deps, variableIdOf(params.name), body))

  const remove = async (id: string, shown: string) => {
    if (!(await deleteItem(deps.table, variableKey(id)))) throw notFound('Variable', shown)
    deps.log.info('variable deleted', { variableId: id })
  }
  route(app, contract.deleteVariable, ({ params: { id } }) => remove(id, id))
  route(app, contract.deleteVariableByName, ({ params: { name } }) => remove(variableIdOf(name), name))
}
