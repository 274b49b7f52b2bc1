import type { Plugin } from 'esbuild'

interface Cut {
  /** The modules, by the words that the SDK imports them with. */
  imported: RegExp
  /** What stands in their place. */
  contents: string
}

const CUTS: readonly Cut[] = [
  // Lambda gives a function its credentials in the environment and in no other way, so the rest of the SDK's chain (SSO,
  // profiles, processes, web identities, instance metadata) is never asked: 130 KB.
  {
    imported:
      /^(?:@aws-sdk\/credential-provider-(?:sso|ini|process|login|web-identity|http)|@smithy\/credential-provider-imds)$/,
    contents: 'export {}',
  },
  // Loaded by operations that stream events, which DynamoDB, SQS and ECS do not have: 16 KB.
  {
    imported: /^@smithy\/core\/event-streams$/,
    contents: "throw new Error('Event streams are left out of this bundle.')",
  },
  // DynamoDB's client makes a cache of discovered endpoints, which nothing asks: the middleware that would is in no
  // command. With it go two libraries of data structures: 8 KB.
  { imported: /^@aws-sdk\/endpoint-cache$/, contents: 'export class EndpointCache {}' },
  // SHA-256 in JavaScript, for a Node without its own: 3 KB.
  { imported: /(?:^|\/)Sha256Js$/, contents: 'export const Sha256Js = undefined' },
]

/** Puts next to nothing in the place of those parts of the SDK that can not run in these functions. */
export const leftOut: Plugin = {
  name: 'left-out',
  setup(build) {
    for (const [at, { imported, contents }] of CUTS.entries()) {
      const namespace = `left-out-${at}`
      build.onResolve({ filter: imported }, ({ path }) => ({ path, namespace }))
      build.onLoad({ filter: /.*/, namespace }, () => ({ contents }))
    }
  },
}
