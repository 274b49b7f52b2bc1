/** Who wrote a state: the service itself, news from ECS, or a client; `claimant`: a client that named its claim. */
export const WRITER_KINDS = ['service', 'ecs', 'client', 'claimant'] as const
type WriterKind = (typeof WRITER_KINDS)[number]

/** The origin of a write: who makes it, and with which API key, where one is used. */
export interface Origin {
  kind: WriterKind
  keyId: string | null
}

/** Who wrote a state of a run, and in which generation the run was then. */
export interface Writer extends Origin {
  generation: number
}

export const SERVICE: Origin = { kind: 'service', keyId: null }
export const ECS: Origin = { kind: 'ecs', keyId: null }
