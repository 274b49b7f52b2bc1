import { readdirSync, readFileSync } from 'node:fs'

const MARK = 'PUSHPOOL_HAND_OUT='

/** The processes of runs whose environment mentions a text, as that of their agent's folder; one line each. */
export function markedProcesses(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid, environ: environOf(pid) }))
    .filter(({ environ }) => environ.includes(MARK) && environ.includes(text))
    .map(({ pid, environ }) => `${pid} ${environ.slice(environ.indexOf(MARK)).split('\0', 1).join()}`)
}

function environOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    // It is gone by now.
    return ''
  }
}
