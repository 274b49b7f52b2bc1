import type { Plugin } from 'esbuild'

interface Cut {
  /** The modules, by the words that the SDK imports them with. */
  imported: RegExp
  /** What stands in their place. */
  contents: string
}

/** Exported for the test that looks whether each still cuts something: the SDK may come to import it by other words. */
export const CUTS: readonly Cut[] = [
  // Parts that are loaded when they are first needed, which is never. Lambda gives a function its credentials in the
  // environment and in no other way, so the rest of the SDK's chain (SSO, profiles, processes, web identities, instance
  // metadata) is never used: 130 KB. Nor do DynamoDB, SQS and ECS stream events (16 KB), or browsers run this (34 KB).
  {
    imported:
      /^(?:@aws-sdk\/credential-provider-(?:sso|ini|process|login|web-identity|http)|@smithy\/credential-provider-imds|@smithy\/core\/event-streams|bowser)$/,
    contents: "throw new Error('This part of the SDK is left out of the bundle.')",
  },
  // DynamoDB's client makes a cache of discovered endpoints, which is never used: the middleware that would is in no
  // command. With it go two libraries of data structures: 8 KB.
  { imported: /^@aws-sdk\/endpoint-cache$/, contents: 'export class EndpointCache {}' },
  // Hashes in JavaScript, for a Node without its own: 5 KB.
  { imported: /(?:^|\/)Sha256Js$/, contents: 'export const Sha256Js = undefined' },
  { imported: /(?:^|\/)Md5Js$/, contents: 'export const Md5Js = undefined' },
  // On Lambda the region is in the environment, as all of the SDK's configuration is; there are no files of it, for which
  // it would look at every cold start: 4 KB.
  {
    imported: /(?:^|\/)getInstanceMetadataRegion$/,
    contents: 'export const getInstanceMetadataRegion = async () => undefined',
  },
  {
    imported: /(?:^|\/)loadSharedConfigFiles$/,
    contents: `
      export const CONFIG_PREFIX_SEPARATOR = '.'
      export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} })`,
  },
  // An ES module that imports it opens all three standard streams, for Node then reads every member that process has;
  // the SDK only wants these two, for its user agent.
  { imported: /^node:process$/, contents: 'export const { env, versions } = globalThis.process' },
]

/** Puts next to nothing in the place of those parts of the SDK that can not run in these functions. */
export const leftOut: Plugin = {
  name: 'left-out',
  setup(build) {
    for (const [at, { imported, contents }] of CUTS.entries()) {
      const namespace = `left-out-${at}`
      build.onResolve({ filter: imported }, () => ({ path: 'left-out', namespace }))
      build.onLoad({ filter: /.*/, namespace }, () => ({ contents }))
    }
  },
}
