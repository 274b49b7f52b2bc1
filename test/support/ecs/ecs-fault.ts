/** An error as ECS returns it. */
export class EcsFault extends Error {
  readonly status: number
  readonly resourceIds: string[] | undefined

  constructor(type: string, message = type, rest: { status?: number; resourceIds?: string[] } = {}) {
    super(message)
    this.name = type
    this.status = rest.status ?? 400
    this.resourceIds = rest.resourceIds
  }
}
