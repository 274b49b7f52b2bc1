import manifest from '../package.json' with { type: 'json' }

/** pushpool's own version. */
export const VERSION: string = manifest.version

/**
 * What `/admin/version` answers: Prefect's 3.x clients refuse a server of another major version, and warn of an older
 * minor one, so this is the newest Prefect that the service was tested against.
 */
export const PREFECT_VERSION = '3.9.1'
