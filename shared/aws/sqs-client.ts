import { SQSClient } from '@aws-sdk/client-sqs'

/** Messages are hints, and callers wait for each: better to fail soon than to delay an API request. */
export function openSqs(endpoint?: string): SQSClient {
  const local = endpoint
    ? { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
    : {}
  return new SQSClient({
    ...local,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  })
}
