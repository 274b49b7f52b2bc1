import { styleText } from 'node:util'
import type { StateType } from '#shared/flow-run/state.ts'

type Format = Parameters<typeof styleText>[0]

/** Prefect's colours of states, as near as a terminal's own palette comes. */
const COLOUR: Record<StateType, Format> = {
  SCHEDULED: 'yellow',
  PENDING: 'magenta',
  RUNNING: 'blue',
  PAUSED: 'magenta',
  CANCELLING: 'gray',
  COMPLETED: 'green',
  FAILED: 'red',
  CANCELLED: 'gray',
  CRASHED: 'redBright',
}

/** Text in a colour; plain where the output takes none, or NO_COLOR asks for none. */
export function paint(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout })
}

/** Text in the colour of a state. */
export function paintState(type: StateType, text: string): string {
  return paint(COLOUR[type], text)
}
