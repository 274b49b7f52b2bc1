import { UsageError } from '../usage-error.ts'

/** What ECS and job variables count a vCPU as. */
const UNITS_PER_CORE = 1024
/** As many runs as a claim call lists. */
const SLOTS_MAX = 1_000
const MIB = { mib: 1, gib: 1024 } as const

/** A whole number from 1 to what an agent may hold. Throws UsageError, which names the option. */
export function parseCount(option: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > SLOTS_MAX) {
    throw new UsageError(`Invalid ${option} '${text}' (a whole number, 1 to ${SLOTS_MAX}).`)
  }
  return Number(text)
}

/** Seconds within bounds. Throws UsageError, which names the option or the variable that they come from. */
export function parseSeconds(name: string, text: string, { min, max }: { min: number; max: number }): number {
  if (!/^\d{1,6}(\.\d+)?$/.test(text) || Number(text) < min || Number(text) > max) {
    throw new UsageError(`Invalid ${name} '${text}' (seconds, ${min} to ${max}).`)
  }
  return Number(text)
}

/** The CPU units of so many cores, of which there may be fractions. Throws UsageError. */
export function parseCpu(text: string): number {
  const units = /^\d{1,6}(\.\d+)?$/.test(text) ? Math.round(Number(text) * UNITS_PER_CORE) : 0
  if (units === 0) throw new UsageError(`Invalid --cpu '${text}' (cores, such as 4 or 0.5).`)
  return units
}

/** MiB, from MiB or from an amount with its unit. Throws UsageError. */
export function parseMemory(text: string): number {
  const [, amount, unit = 'mib'] = /^(\d{1,9}(?:\.\d+)?)(mib|gib)?$/i.exec(text) ?? []
  const mib = Math.round(Number(amount ?? 0) * MIB[unit.toLowerCase() as keyof typeof MIB])
  if (mib === 0) throw new UsageError(`Invalid --memory '${text}' (MiB, or such as 512MiB or 4GiB).`)
  return mib
}

/** A flow's own limit, `name=k`; the name may hold further equals signs. Throws UsageError. */
export function parseFlowLimit(text: string): [flowName: string, limit: number] {
  const [, name, limit] = /^(.+)=(\d{1,4})$/s.exec(text) ?? []
  if (name === undefined) throw new UsageError(`Invalid --flow-limit '${text}' (a flow's name and its limit: heavy=1).`)
  return [name, Number(limit)]
}
