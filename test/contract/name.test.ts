import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { createGlobalLimit, updateGlobalLimit } from '#shared/contract/limit/global-limit.ts'
import { nameProblem } from '#shared/contract/name.ts'
import { NameIn } from '#shared/contract/wire.ts'

const UUID = '0c3f1d1e-7a9b-4c5d-8e6f-0123456789ab'

describe('a name may be', () => {
  it.each([
    ['plain', 'prod'],
    ['of words', 'my work pool'],
    ['with marks', "a+b#1 (x) [y] {z} ~!@$*=;:,.'|^`_-"],
    ['with a backslash', 'domain\\user'],
    ['three dots', '...'],
    ["a Prefect worker's", `ProcessWorker ${UUID}`],
    ["a Prefect ECS worker's", `ECSWorker ${UUID}`],
    ['with its host', 'ci (build-7.example.com)'],
    ['a tag limit', 'tag:db'],
    ['a UUID', UUID],
    ['accented', 'Zürich naïve Việt İstanbul'],
    ['Cyrillic', 'прод'],
    ['Greek', 'Ωμέγα'],
    ['Chinese, with its punctuation', '名前（株）、テスト！'],
    ['Japanese and Latin in a word', 'テストprod'],
    ['Korean', '한국어'],
    ['Korean letters alone', '가~ㅎ ㅋㅋ'],
    ['Thai', 'น้ำ'],
    ['Armenian', 'և'],
    ['Persian, with a joiner between words', 'می\u200cخواهم'],
    ['Hindi, with a joiner after a virama', 'क\u094d\u200dष'],
    ['Bengali, with a joiner before a virama', 'র\u200d\u09cdযাব'],
    ['with small, circled and broken digits', 'CO₂ m² ½ 処理①'],
    ['with ordinals', '1.º 2ª'],
    ['with digits of its script', 'خط٣ เวอร์ชัน๒'],
    ['dotted and not, as in Turkish', 'ışık İşlem'],
    ['with dashes and quotes', 'prod – eu l’été “x” 1…'],
    ['a Greek letter that looks like no Latin one', 'μ-service'],
    ['an emoji', '🚀 launch'],
    ['an emoji of many parts', '👩\u200d💻 🏳\ufe0f\u200d🌈 ❤\ufe0f 1\ufe0f\u20e3 🇩🇪'],
    ['as long as 255 characters', 'x'.repeat(255)],
  ])('%s', (_, name) => expect(z.safeParse(NameIn, name).success).toBe(true))
})

const DOTS = 'must not be . or .., nor hold them between backslashes'
const OUTER = 'must not begin or end with white space'
const invisible = (code: string) => `must not contain ${code}, which is not a visible character`
const likeLatin = (letter: string, code: string) => `must not mix ${letter} (${code}) with Latin letters in a word`
const form = (letter: string, code: string, plain: string) =>
  `must not contain ${letter} (${code}), another form of ${plain}`

describe('a name must not be', () => {
  it.each([
    ['empty', '', 'must not be empty'],
    ['blank', ' \t', 'must not be empty'],
    ...['/', '%', '&', '>', '<', '?'].map((mark) => [
      `with ${mark}`,
      `a${mark}b`,
      'must not contain any of / % & > < ?',
    ]),
    ['.', '.', DOTS],
    ['..', '..', DOTS],
    ['dot segments between backslashes', '..\\..\\prod', DOTS],
    ['with a line feed', 'a\nb', 'must not contain control characters'],
    ['with a C1 control', 'a\u0085b', 'must not contain control characters'],
    ['with a line separator', 'a\u2028b', 'must not contain control characters'],
    ['with half a surrogate pair', 'a\ud800b', 'must not contain what is not UTF-8'],
    ['with a replacement character', 'a\ufffdb', 'must not contain what is not UTF-8'],
    ['with a space before', ' prod', OUTER],
    ['with a space after', 'prod ', OUTER],
    ['with a no-break space after', 'prod\u00a0', OUTER],
    ['with a byte order mark', '\ufeffprod', OUTER],
    ['with a no-break space', 'a\u00a0b', invisible('U+00A0')],
    ['with an ideographic space', '名\u3000前', invisible('U+3000')],
    ['with a zero-width space', 'pr\u200bod', invisible('U+200B')],
    ['with a joiner that joins nothing', 'pr\u200dod', invisible('U+200D')],
    ['with a joiner after a letter that never joins', 'دا\u200cد', invisible('U+200C')],
    ['with a joiner before an Arabic letter that never joins', 'ب\u200cء', invisible('U+200C')],
    ['with a joiner after an Urdu letter that never joins', 'کے\u200cلیے', invisible('U+200C')],
    ['with a second dot over an i', 'i\u0307', invisible('U+0307')],
    ['with a dot over a dotless i', 'ı\u0307', invisible('U+0307')],
    ['with a soft hyphen', 'pr\u00adod', invisible('U+00AD')],
    ['that turns its direction', 'a\u202eb', invisible('U+202E')],
    ['with a variation selector alone', 'prod\ufe0f', invisible('U+FE0F')],
    ['an emoji with one selector more', '🚀\ufe0f', invisible('U+FE0F')],
    ['with a Hangul filler', 'a\u3164b', invisible('U+3164')],
    ['with a blank of Braille', 'a\u2800b', invisible('U+2800')],
    ['with a private character', 'a\ue000b', invisible('U+E000')],
    ['with a character that Unicode does not have', 'a\u0378b', invisible('U+0378')],
    ['decomposed', 'e\u0301', "must be in Unicode's normal form NFC"],
    ['in full width', 'ｐｒｏｄ', form('ｐ', 'U+FF50', 'p')],
    ['with a ligature', 'ﬁle', form('ﬁ', 'U+FB01', 'fi')],
    ['with a mathematical letter', '𝐩rod', form('𝐩', 'U+1D429', 'p')],
    ['with a Roman numeral in one', 'v Ⅳ', form('Ⅳ', 'U+2163', 'IV')],
    ['with a digit and its dot in one', '⒈', form('⒈', 'U+2488', '1.')],
    ['with a radical', '⼈', form('⼈', 'U+2F08', '人')],
    ['with a micro sign', 'µ', form('µ', 'U+00B5', 'μ')],
    ['with a hyphen that does not break', 'a‑b', form('‑', 'U+2011', '-')],
    ['with a minus sign', 'a−b', form('−', 'U+2212', '-')],
    ['with a Cyrillic letter in a Latin word', 'prоd', likeLatin('о', 'U+043E')],
    ['with a Greek letter in a Latin word', 'prοd', likeLatin('ο', 'U+03BF')],
    ['with a Hebrew letter in a Latin word', 'prסd', likeLatin('ס', 'U+05E1')],
    ['with a Cherokee letter in a Latin word', 'Ꮲrod', likeLatin('Ꮲ', 'U+13E2')],
    ['with a phonetic letter in a Latin word', 'staɡing', likeLatin('ɡ', 'U+0261')],
    ['with a small capital in a Latin word', 'prᴏd', likeLatin('ᴏ', 'U+1D0F')],
    ['with a Hindi zero in a Latin word', 'pr०d', likeLatin('०', 'U+0966')],
    ['mixed around an emoji', 'a b🚀сc', likeLatin('с', 'U+0441')],
  ])('%s', (_, name, problem) => expect(nameProblem(name)).toBe(problem))

  it.each(['x', 'é', '名', '👩\u200d💻', 'ب\u200c'])('longer than 255 characters, however long, of %s', (part) => {
    for (const name of [part.repeat(256), part.repeat(3_000_000)]) {
      expect(z.safeParse(NameIn, name).error?.issues.map(({ code }) => code)).toEqual(['too_big'])
    }
  })
})

it('a global limit is not named like an id, by which it could be found as well', () => {
  const { body } = createGlobalLimit
  expect(z.safeParse(body, { name: 'db', limit: 1 }).success).toBe(true)
  expect(z.safeParse(body, { name: UUID, limit: 1 }).error?.issues[0]?.message).toBe('must not be a UUID, as ids are')
  expect(z.safeParse(updateGlobalLimit.body, { name: UUID.toUpperCase() }).success).toBe(false)
})
