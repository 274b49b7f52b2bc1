import type { RefusalReason } from '#shared/ecs-task/launch-failure.ts'

/** A launch that is refused here, before ECS is asked: by a rule of the operator's, or for what ECS could not read. */
export class NotAllowed extends Error {
  readonly refusal: RefusalReason

  constructor(reason: 'AccessDenied' | 'InvalidParameter', detail: string) {
    super(`${reason}: ${detail}`)
    this.name = 'NotAllowed'
    this.refusal = { reason, detail }
  }
}
