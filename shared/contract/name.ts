import { segmentProblem } from './segment.ts'

const ASCII = /^[ -~]*$/
/** Prefect's, and what API Gateway cuts a decoded path at. */
const FORBIDDEN = /[/%&><?]/
/**
 * Emoji, which may be of many parts, and joiners that change how a word looks: after a virama of India's scripts, before
 * one in Bengali, and between Arabic letters that would join each other (after RFC 5892, appendix A.1 and A.2, and
 * Unicode's ArabicShaping.txt). Made on first use, as the engine reads all emoji for it.
 */
const makeJoined = () => ({
  emoji: /\p{RGI_Emoji}/gv,
  joiners:
    /(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d]|(?<=\u09b0)\u200d(?=\u09cd)|(?<=[\u0626\u0628\u062a-\u062e\u0633-\u063f\u0641-\u0647\u0649\u064a\u0678-\u0687\u069a-\u06bf\u06c1\u06c2\u06cc\u06ce\u06d0\u06d1])\u200c(?=[[\p{L}&&\p{sc=Arab}]--[\u0621\u0674]])/gv,
})
let joined: ReturnType<typeof makeJoined> | undefined
/** Spaces but the plain one, too; U+2800 is Braille's blank. A second dot over an i, or a dotless i's, can't be seen. */
const INVISIBLE = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]|[^\S ]|(?<=[\p{Soft_Dotted}\u0131\u0237])\u0307/u
const HYPHENS = /[\u2010-\u2012\u2212]/
/**
 * Characters that may be another form of others by NFKC: hyphens, letters, radicals, and digits but for those that are
 * small, circled or fractions. Not everyday letters without another form in use: ordinals, Armenian, Thai, Lao, Korean.
 */
const FORMS =
  /[[\p{L}\p{Nd}\p{Nl}\u2010-\u2012\u2212\u2488-\u249b\u2e80-\u2fdf]--[\u00aa\u00ba\u0587\u0e33\u0eb3\u0edc\u0edd\u3131-\u318e]]/gv
const WORDS = /[[\p{L}\p{M}\p{Nd}]--[0-9]]+/gv
const LATIN = /\p{sc=Latin}/u
/**
 * Letters of scripts that have several which look like one of a to z, and are not written beside Latin within a word
 * (Cyrillic words with a Latin part have a hyphen): Cyrillic, Armenian, Cherokee to Runic, Coptic to Tifinagh, Lisu, and
 * ancient ones. Then such letters of Greek, Hebrew, Arabic, phonetics and others, and other digits, of which many look
 * like an o. After Unicode's confusables.txt (UTS #39).
 */
const LIKE_LATIN =
  /[\p{sc=Cyrl}\p{Nd}\u0251\u0261\u026a\u028f\u1d00-\u1d2b\ua730\ua731\u0531-\u0588\u13a0-\u16ff\u2c80-\u2d7f\ua4d0-\ua4ff\uab70-\uabbf\u{10280}-\u{1052f}\u{11700}-\u{118ff}\u{16f00}-\u{16f9f}\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03b1\u03b3\u03b9\u03bd\u03bf\u03c1\u03c3\u03c5\u037f\u03dc\u03f3\u03fa\u05d5\u05df\u05e1\u0627\u0647\u06be\u06c1\u06d5\u07ca\u0b20\u0d20\u101d\u10e7\u10ff\u1200\u12d0\ua6df]/u

/**
 * What is wrong with the name of a thing, as a sentence's end; undefined for a good name. A name that can't be told from
 * another by its looks, or is not a segment of a path, is refused rather than changed into a good one: what is sent is
 * what is done, and who asks for a name later sends the one they know.
 */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'must not be empty'
  if (FORBIDDEN.test(name)) return 'must not contain any of / % & > < ?'
  const problem = segmentProblem(name)
  if (problem !== undefined) return problem
  if (name.trim() !== name) return 'must not begin or end with white space'
  return ASCII.test(name) ? undefined : looksProblem(name)
}

function looksProblem(name: string): string | undefined {
  // A stand-in keeps what is on both sides of an emoji apart.
  joined ??= makeJoined()
  const text = name.replace(joined.emoji, '_').replace(joined.joiners, '')
  const [hidden] = INVISIBLE.exec(text) ?? []
  if (hidden !== undefined) return `must not contain ${codeOf(hidden)}, which is not a visible character`
  if (name.normalize('NFC') !== name) return "must be in Unicode's normal form NFC"
  for (const [form] of text.matchAll(FORMS)) {
    const plain = form.normalize('NFKC').replace(HYPHENS, '-')
    if (plain !== form) return `must not contain ${form} (${codeOf(form)}), another form of ${plain}`
  }
  for (const [word] of text.matchAll(WORDS)) {
    const [like] = LATIN.test(word) ? (LIKE_LATIN.exec(word) ?? []) : []
    if (like !== undefined) return `must not mix ${like} (${codeOf(like)}) with Latin letters in a word`
  }
  return undefined
}

const codeOf = (character: string) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
