import type { RefusalReason } from '#shared/ecs-task/launch-failure.ts'

/** A launch refused before calling ECS: by an operator's rule, or as invalid to ECS. */
export class NotAllowed extends Error {
  readonly refusal: RefusalReason

  constructor(reason: 'AccessDenied' | 'InvalidParameter', detail: string) {
    super(`${reason}: ${detail}`)
    this.name = 'NotAllowed'
    this.refusal = { reason, detail }
  }
}
