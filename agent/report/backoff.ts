/** The wait before a call is repeated: between half and all of a figure that doubles with each failure in a row. */
export function backoffSeconds(failures: number, bounds: { first: number; max: number }, chance: number): number {
  const most = Math.min(bounds.max, bounds.first * 2 ** Math.min(failures - 1, 30))
  return most * (0.5 + chance / 2)
}
