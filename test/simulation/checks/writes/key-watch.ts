import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { lifeOf, type Picture } from '../picture.ts'

/** I10: an idempotency key makes one run at a time. */
export class KeyWatch {
  /** The life of the run that each key made last. */
  readonly #made = new Map<string, string>()

  /** What is wrong about a run that was written, if it is the second of its key. */
  check(run: FlowRun, { runs }: Picture): string[] {
    const { id, deploymentId, flowId, details } = run
    if (!details.idempotencyKey) return []
    const key = `${deploymentId ?? flowId}/${details.idempotencyKey}`
    const life = lifeOf(run)
    const other = this.#made.get(key)
    this.#made.set(key, life)
    if (other === undefined || other === life || !runs.has(other)) return []
    return [`I10 the key ${details.idempotencyKey} made ${id}, and ${other} is there`]
  }
}
