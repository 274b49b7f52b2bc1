import { expect, expectTypeOf, it } from 'vitest'
import { type Client, createClient, type ReplyOf } from '#shared/client/create-client.ts'
import type { OPERATIONS } from '#shared/client/operations.ts'
import type { InputOf, OutputOf } from '#shared/contract/endpoint.ts'
import type { Contract } from '#shared/contract/endpoints.ts'

const client = createClient({ url: 'http://localhost', fetch: () => Response.json(null) })

type PagedIn<T> = { [Name in keyof T]: T[Name] extends { pages: string } ? Name : never }[keyof T]
type Iterable<T> = { [Name in keyof T]: T[Name] extends { each: unknown } ? Name : never }[keyof T]
/** Replies are plain JSON; a schema that transformed it would have different input and output. */
type Turned = {
  [Name in keyof Contract]: [OutputOf<Contract[Name]['reply']>, InputOf<Contract[Name]['reply']>] extends [
    InputOf<Contract[Name]['reply']>,
    OutputOf<Contract[Name]['reply']>,
  ]
    ? never
    : Name
}[keyof Contract]

it('the types match the table of operations', () => {
  expectTypeOf<keyof Contract>().toEqualTypeOf<keyof typeof OPERATIONS>()
  expectTypeOf<Iterable<Client>>().toEqualTypeOf<PagedIn<typeof OPERATIONS>>()
  expectTypeOf<Turned>().toBeNever()
})

it('requests and replies are typed as their JSON', () => {
  expectTypeOf(client.getWorkPool).parameter(0).toEqualTypeOf<{ name: string }>()
  expectTypeOf(client.deleteWorkPool).returns.resolves.toEqualTypeOf<void>()
  expectTypeOf(client.pauseDeployment).returns.resolves.toEqualTypeOf<void>()
  expectTypeOf<ReplyOf<'getFlowRun'>['start_time']>().toEqualTypeOf<string | null>()
  expectTypeOf<ReplyOf<'countFlowRuns'>>().toEqualTypeOf<number>()
  expectTypeOf(client.listFlowRuns.each()).toExtend<AsyncIterable<ReplyOf<'getFlowRun'>>>()
  expectTypeOf(client.paginateFlowRuns.each()).toExtend<AsyncIterable<ReplyOf<'getFlowRun'>>>()
})

it('the compiler rejects what the service rejects', () => {
  const wrong = () => [
    // @ts-expect-error -- a limit is a number
    client.createWorkPool({ name: 'main', concurrency_limit: 'two' }),
    // @ts-expect-error -- a pool has a name
    client.createWorkPool({ type: 'process' }),
    // @ts-expect-error -- there is no such member
    client.createWorkPool({ name: 'main', concurency_limit: 2 }),
    // @ts-expect-error -- instants are strings on the wire
    client.listFlowRuns({ flow_runs: { start_time: { after_: new Date() } } }),
    // @ts-expect-error -- a path needs its members
    client.getWorkQueue({ pool: 'main' }),
    // @ts-expect-error -- a body comes after the path
    client.updateWorkPool({ name: 'main', is_paused: true }),
    // @ts-expect-error -- states have types that are known
    client.setFlowRunState({ id: 'x' }, { state: { type: 'DONE' } }),
    // @ts-expect-error -- there is no such operation
    client.getEverything(),
    // @ts-expect-error -- what has no pages can't be gone through
    client.acquireSlots.each({ names: ['a'], slots: 1 }),
  ]
  expect(wrong).toBeTypeOf('function')
})
