import type { Need, RoomLeft } from '#shared/agent/fit.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { type Job, parseJob } from '#shared/ecs-task/job.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { TemplateError } from '#shared/template/nested.ts'
import { fillAgentJob } from './agent-job.ts'

/** A run that may be chosen: what the index shows of it. */
interface Chosen {
  runId: string
  deploymentId: string | null
}

/** Deployments whose flow is remembered; beyond that the oldest are forgotten, and read once more. */
const FLOWS_MAX = 10_000

/** Flows of deployments, by id: a deployment's id is derived from its flow, so it never has another. */
const flows = new WeakMap<Table, Map<string, string>>()

/** What runs ask of their agent, by their ids; those that no longer exist are missing. */
export class CandidateNeeds {
  readonly #deps: Deps
  readonly #template: Record<string, unknown>
  /** Whether CPU and memory count, for which runs and deployments must be read. */
  readonly #inFull: boolean
  readonly #deployments = new Map<string, Promise<Deployment | undefined>>()

  constructor(deps: Deps, template: Record<string, unknown>, inFull: boolean) {
    this.#deps = deps
    this.#template = template
    this.#inFull = inFull
  }

  /** Reads what is needed to say so, each deployment once. */
  async of(candidates: readonly Chosen[]): Promise<Map<string, Need>> {
    const known = this.#inFull ? undefined : this.#knownFlows(candidates)
    if (known) return known
    const runs = await getRuns(
      this.#deps.table,
      candidates.map(({ runId }) => runId),
    )
    return new Map(await Promise.all(runs.map(async (run) => [run.id, await this.#needOf(run)] as const)))
  }

  /** The flows of all of them; undefined unless all are remembered. */
  #knownFlows(candidates: readonly Chosen[]): Map<string, Need> | undefined {
    const remembered = flowsOf(this.#deps.table)
    const needs = new Map<string, Need>()
    for (const { runId, deploymentId } of candidates) {
      const flowId = deploymentId === null ? undefined : remembered.get(deploymentId)
      if (flowId === undefined) return undefined
      needs.set(runId, { flowId, cpu: null, memory: null })
    }
    return needs
  }

  async #needOf(run: FlowRun): Promise<Need> {
    const { flowId, deploymentId } = run
    if (deploymentId !== null) remember(this.#deps.table, deploymentId, flowId)
    if (!this.#inFull) return { flowId, cpu: null, memory: null }
    const deployment = deploymentId === null ? undefined : await this.#deployment(deploymentId)
    const { cpu, memoryMib } = readNeed(this.#template, deployment?.jobVariables ?? {}, run.details.jobVariables)
    return { flowId, cpu, memory: memoryMib }
  }

  async #deployment(deploymentId: string): Promise<Deployment | undefined> {
    const reading = this.#deployments.get(deploymentId) ?? getDeployment(this.#deps.table, deploymentId)
    this.#deployments.set(deploymentId, reading)
    return await reading
  }
}

type Variables = Record<string, unknown>

/** A job that can't be filled in asks for nothing: once it is claimed, the run ends with what is wrong. */
function readNeed(template: Variables, deployment: Variables, run: Variables): Pick<Job, 'cpu' | 'memoryMib'> {
  try {
    return parseJob(fillAgentJob(template, deployment, run)).job
  } catch (error) {
    if (error instanceof TemplateError) return { cpu: null, memoryMib: null }
    throw error
  }
}

function flowsOf(table: Table): Map<string, string> {
  const known = flows.get(table) ?? new Map<string, string>()
  flows.set(table, known)
  return known
}

function remember(table: Table, deploymentId: string, flowId: string): void {
  const known = flowsOf(table)
  known.set(deploymentId, flowId)
  const [oldest] = known.keys()
  if (known.size > FLOWS_MAX && oldest !== undefined) known.delete(oldest)
}

/** Of candidates in order, those that fit what is left of the agent, which is taken. */
export function takeFitting<T extends Chosen>(
  candidates: readonly T[],
  needs: ReadonlyMap<string, Need>,
  left: RoomLeft,
): { fitting: T[]; others: T[] } {
  const fitting: T[] = []
  const others: T[] = []
  for (const candidate of candidates) {
    const need = needs.get(candidate.runId)
    if (need && left.take(need)) fitting.push(candidate)
    else others.push(candidate)
  }
  return { fitting, others }
}
