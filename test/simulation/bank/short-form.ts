/** Names of bugs of different kinds, each found within seconds: what CI hunts at every change. */
export const SHORT_FORM: readonly string[] = []
