/**
 * What all examples are about: run `brisk-otter` of flow `etl`, as deployed under the name `nightly` to queue `urgent` of
 * work pool `main`.
 */
export const POOL_ID = '6f1b3c1e-5d0a-5c7e-9b1d-2f4a8c6e0d13'
export const DEFAULT_QUEUE_ID = 'b2a7d9f4-8c31-5e60-a4f2-7d1c9e3b5a08'
export const QUEUE_ID = '0c9e4b7a-2d58-5f13-8e6b-a1f7c3d90b42'
export const FLOW_ID = 'd48a1f6c-93b7-5a2e-b0c5-6e7f1d2a8394'
export const DEPLOYMENT_ID = '3e7c5b91-a0f4-5d28-96e1-c8b4f2a7d065'
export const SCHEDULE_ID = '019ad2f0-4c1b-7e3a-8f5d-b6a2c9e7d104'
export const RUN_ID = '019ad2f3-7b60-7c42-9d18-e5f3a1b8c276'
export const STATE_ID = '019ad2f3-7b60-7c42-9d18-e5f3a1b80001'
export const TASK_RUN_ID = '019ad2f4-1e95-7a07-b3c6-4d8f2e9a5b31'
export const TASK_STATE_ID = '019ad2f4-1e95-7a07-b3c6-4d8f2e9a0001'
export const LEASE_ID = '019ad2f5-0a72-7d5e-8c41-f9b3e6a2d817'
export const CREATED = '2026-01-15T08:00:00.000000Z'
export const DUE = '2026-01-16T02:00:00.000000Z'
export const STARTED = '2026-01-16T02:00:04.215000Z'
/** The members of every stored thing beside its id. */
export const stored = { created: CREATED, updated: '2026-01-15T08:30:00.000000Z' }
export const page = { limit: 50, offset: 0 }
