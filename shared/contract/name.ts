import { segmentProblem } from './segment.ts'

const ASCII = /^[ -~]*$/
/** Prefect's, and what API Gateway cuts a decoded path at. */
const FORBIDDEN = /[/%&><]/
const EMOJI = /\p{RGI_Emoji}/gv
/**
 * Joiners that change how a word looks: after a virama of India's scripts, and between Arabic letters of which the first
 * would join the next (as RFC 5892, appendix A.1 and A.2, has it).
 */
const JOINERS =
  /(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d]|(?<=(?![\u0622-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb\u06cd\u06cf\u06d2\u06d3\u06d5])[\p{L}&&\p{sc=Arab}])\u200c(?=[\p{L}&&\p{sc=Arab}])/gv
/** U+2800 is Braille's blank. */
const INVISIBLE = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u
const OTHER_SPACE = /[^\S ]/
const LETTERS_AND_DIGITS = /[\p{L}\p{N}]/gu
/** Letters of everyday Armenian, Thai and Lao, which NFKC takes apart although they have no other form in use. */
const EVERYDAY = '\u0587\u0e33\u0eb3\u0edc\u0edd'
const WORDS = /[\p{L}\p{M}]+/gu
const LATIN = /\p{sc=Latin}/u
/**
 * Letters that look like one of a to z, after Unicode's confusables.txt (UTS #39, version 16). Scripts that are not
 * written beside Latin within a word count as a whole where they have several such letters.
 */
const LIKE_LATIN =
  /[\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03b1\u03b3\u03b9\u03bd\u03bf\u03c1\u03c3\u03c5\u037f\u03dc\u03f3\u03fa\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c-\u041e\u0420-\u0423\u0425\u042c\u0430\u0433\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u0461\u0474\u0475\u04ae\u04af\u04bb\u04bd\u04c0\u04cf\u0501\u050c\u051b-\u051d\ua647\u05d5\u05df\u05e1\u0627\u0647\u06be\u06c1\u06d5\u07ca\u0b20\u0d20\u101d\u10e7\u10ff\u1200\u12d0\ua6df\p{sc=Armn}\p{sc=Cher}\p{sc=Cans}\p{sc=Copt}\p{sc=Lisu}\p{sc=Tfng}\p{sc=Osge}\p{sc=Plrd}\p{sc=Runr}\p{sc=Dsrt}\p{sc=Elba}\p{sc=Wara}\p{sc=Ahom}\p{sc=Lyci}\p{sc=Cari}\p{sc=Ital}]/u

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
  const text = name.replace(EMOJI, '_').replace(JOINERS, '')
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
      return `must not have ${like} (${codeOf(like)}), which looks like a Latin letter, in a word with Latin letters`
  }
  return undefined
}

const codeOf = (character: string) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
