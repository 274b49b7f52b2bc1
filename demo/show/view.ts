import type { Look } from '../watch.ts'

/** Shows people how the demo goes on. */
export interface View {
  show(look: Look): void
  /** Leaves the screen as it is, for what comes after. */
  end(): void
}
