/** A command line that can't be run as it stands. The message is a sentence for people, and never shows a secret. */
export class UsageError extends Error {}

/** A whole API key or a piece of one, wherever someone may have typed it. */
const KEY_LIKE = /\bpp_[\w-]+/g
/** The value of an option that does not exist may be meant for one that takes a secret. */
const VALUE_OF_UNKNOWN = /(unknown option '-[^'=]*)=[^]*(?='(?:\n|$))/

/** A message of commander as a sentence, with a suggestion where it has one, and without anything that looks like a key. */
export function usageSentence(message: string): string {
  const [said = '', suggestion] = message.replace(VALUE_OF_UNKNOWN, '$1').split('\n')
  const words = said.replace(/^error: /, '')
  const meant = /Did you mean (?:one of )?(.+)\?/.exec(suggestion ?? '')?.[1]
  const sentence = `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, '')}.`
  return withoutKeys(meant ? `${sentence} Did you mean ${meant}?` : sentence)
}

/** The same text without API keys. */
export function withoutKeys(text: string): string {
  return text.replace(KEY_LIKE, 'pp_…')
}
