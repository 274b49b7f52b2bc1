import type { TestProject } from 'vitest/node'
import { EMULATOR, installEmulator } from './install-emulator.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The Python with the emulator; null if it is unavailable, with the reason printed. */
    emulatorPython: string | null
  }
}

const REASON_CHARS_MAX = 600

/** Installs the emulator of AWS, or says plainly why nothing will be deployed. */
export default async function setup(project: TestProject): Promise<void> {
  try {
    project.provide('emulatorPython', await installEmulator())
    console.log(`${EMULATOR} installed from PyPI`)
  } catch (error) {
    const reason = String(error).slice(-REASON_CHARS_MAX)
    console.log(`SKIPPED: no emulator of AWS can be installed here (python3 and PyPI are needed). ${reason}`)
    project.provide('emulatorPython', null)
  }
}
