import type { Picture } from '../picture.ts'

/** I13 and I2 for limits that are taken by name: each counts its leases' slots and the loose ones, and takes none too many. */
export function globalProblems(before: Picture, { globals, leases }: Picture): string[] {
  if (globals.size === 0) return []
  const leased = new Map<string, number>()
  for (const { slots, limits } of leases.values())
    for (const { id, created } of limits) leased.set(`${id}/${created}`, (leased.get(`${id}/${created}`) ?? 0) + slots)
  return [...globals.values()].flatMap((limit) => {
    const { key, created, decayPerSecond, active, loose } = limit
    const held = leased.get(`${key.slice('global#'.length)}/${created}`) ?? 0
    const last = before.globals.get(key)
    const rose = last?.created === created && active > last.active
    return [
      ...(limit.leased === held ? [] : [`I13 ${key} counts ${limit.leased} leased slots, there are ${held}`]),
      ...(decayPerSecond > 0 || active === loose + held
        ? []
        : [`I13 ${key} counts ${active} slots, ${loose} are loose and ${held} leased`]),
      ...(rose && active > limit.limit ? [`I2 ${key} went from ${last.active} to ${active} of ${limit.limit}`] : []),
    ]
  })
}
