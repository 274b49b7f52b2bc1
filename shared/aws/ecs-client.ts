import { ECSClient } from '@aws-sdk/client-ecs'

/**
 * Opens ECS. Every call may be repeated as it is, launches included, since they carry a token of their own; the SDK does
 * so once. More would only delay the launcher, which waits and repeats by itself. A launch must be over well before it
 * counts as lost (LAUNCH_GRACE_SECONDS).
 */
export function openEcs(endpoint?: string): ECSClient {
  const local = endpoint
    ? { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
    : {}
  return new ECSClient({
    ...local,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  })
}
