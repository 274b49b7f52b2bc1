import fc from 'fast-check'

/** Looks for values that break a property: what to print of the shrunk find, seed included; undefined when none is found. */
export function counterexample<T>(property: fc.IProperty<T>, numRuns = 300): string | undefined {
  return fc.defaultReportMessage(fc.check(property, { numRuns }))
}

/** The same for a property that talks to something. */
export async function counterexampleOf<T>(property: fc.IAsyncProperty<T>, numRuns = 30): Promise<string | undefined> {
  return await fc.asyncDefaultReportMessage(await fc.check(property, { numRuns }))
}
