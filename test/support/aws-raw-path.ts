/**
 * The `rawPath` that API Gateway's HTTP API makes of a request's target: decoded, and cut at a decoded question mark (live
 * captures in github.com/hotsock/voker/pull/8, retold in github.com/middleapi/standard-server/pull/93; a `%2f` can't be
 * told from `/` there, github.com/aws/aws-lambda-dotnet/pull/1901). What is not UTF-8 is taken for U+FFFD. MiniStack
 * leaves `%25` as it is, where the captures show `%`; no path may hold either.
 */
export function awsRawPath(target: string): string {
  const [path = ''] = target.split('?', 1)
  const bytes: Buffer[] = path
    .split(/(%[0-9a-f]{2})/i)
    .map((part, at) => (at % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part)))
  return Buffer.concat(bytes).toString().split('?', 1)[0] ?? ''
}
