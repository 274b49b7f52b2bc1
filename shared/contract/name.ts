import { segmentProblem } from './segment.ts'

const ASCII = /^[ -~]*$/
/** Prefect's, and what API Gateway cuts a decoded path at. */
const FORBIDDEN = /[/%&><]/
/**
 * Emoji, which may be of many parts, and joiners that change how a word looks: after a virama of India's scripts, and
 * between Arabic letters of which the first would join the next (after RFC 5892, appendix A.1 and A.2). Made on first
 * use, as the engine reads all emoji for it.
 */
const makeJoined = () => ({
  emoji: /\p{RGI_Emoji}/gv,
  joiners:
    /(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d]|(?<=[[\p{L}&&\p{sc=Arab}]--[\u0622-\u0625\u0627\u0629\u062f-\u0632\u0648\u0688-\u0699]])\u200c(?=[\p{L}&&\p{sc=Arab}])/gv,
})
let joined: ReturnType<typeof makeJoined> | undefined
/** U+2800 is Braille's blank. */
const INVISIBLE = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u
const OTHER_SPACE = /[^\S ]/
const LETTERS_AND_DIGITS = /[\p{L}\p{N}]/gu
/** Letters of everyday Armenian, Thai and Lao, which NFKC takes apart although they have no other form in use. */
const EVERYDAY = '\u0587\u0e33\u0eb3\u0edc\u0edd'
const WORDS = /[\p{L}\p{M}]+/gu
const LATIN = /\p{sc=Latin}/u
/**
 * Letters of scripts that have several which look like one of a to z, and are not written beside Latin within a word
 * (Cyrillic words with a Latin part have a hyphen): Cyrillic, Armenian, Cherokee to Runic, Coptic to Tifinagh, Lisu, and
 * ancient ones. Then such letters of Greek, Hebrew, Arabic and others. After Unicode's confusables.txt (UTS #39).
 */
const LIKE_LATIN =
  /[\p{sc=Cyrl}\u0531-\u0588\u13a0-\u16ff\u2c80-\u2d7f\ua4d0-\ua4ff\uab70-\uabbf\u{10280}-\u{1052f}\u{11700}-\u{118ff}\u{16f00}-\u{16f9f}\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03b1\u03b3\u03b9\u03bd\u03bf\u03c1\u03c3\u03c5\u037f\u03dc\u03f3\u03fa\u05d5\u05df\u05e1\u0627\u0647\u06be\u06c1\u06d5\u07ca\u0b20\u0d20\u101d\u10e7\u10ff\u1200\u12d0\ua6df]/u

/**
 * What is wrong with the name of a thing, as a sentence's end; undefined for a good name. A name that can't be told from
 * another by its looks, or is not a segment of a path, is refused rather than changed into a good one: what is sent is
 * what is done, and who asks for a name later sends the one they know.
 */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'must not be empty'
  if (FORBIDDEN.test(name)) return 'must not contain any of / % & > <'
  if (name.includes('?')) return 'must not contain ?'
  const problem = segmentProblem(name)
  if (problem !== undefined) return problem
  if (name.trim() !== name) return 'must not begin or end with white space'
  return ASCII.test(name) ? undefined : looksProblem(name)
}

function looksProblem(name: string): string | undefined {
  // A stand-in keeps what is on both sides of an emoji apart.
  joined ??= makeJoined()
  const text = name.replace(joined.emoji, '_').replace(joined.joiners, '')
  if (OTHER_SPACE.test(text)) return 'must not contain white space other than plain spaces'
  const [hidden] = INVISIBLE.exec(text) ?? []
  if (hidden !== undefined) return `must not contain ${codeOf(hidden)}, which is not a visible character of Unicode`
  if (name.normalize('NFC') !== name) return "must be in Unicode's normal form NFC"
  for (const [letter] of text.matchAll(LETTERS_AND_DIGITS)) {
    const plain = letter.normalize('NFKC')
    if (plain !== letter && !EVERYDAY.includes(letter)) return `must not contain ${letter}; write ${plain}`
  }
  for (const [word] of text.matchAll(WORDS)) {
    const [like] = LATIN.test(word) ? (LIKE_LATIN.exec(word) ?? []) : []
    if (like !== undefined)
      return `must not have ${like} (${codeOf(like)}), of a script that looks like Latin, in a word with Latin letters`
  }
  return undefined
}

const codeOf = (character: string) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
