import { SQSClient } from '@aws-sdk/client-sqs'

/** Messages here are hints, and a caller waits for each: better to fail soon than to hold an API request up. */
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
