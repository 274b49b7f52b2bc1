import type { Endpoint, InputOf, OutputOf } from '#shared/contract/endpoint.ts'

/** A request body that an operation takes, and a reply that it gives, as the OpenAPI document shows them. */
export interface Example {
  body?: unknown
  reply?: unknown
}

type ExampleOf<E extends Endpoint> = (E['body'] extends undefined ? unknown : { body: InputOf<E['body']> }) &
  (E['reply'] extends undefined ? unknown : { reply: OutputOf<E['reply']> })

/** An example for each endpoint of a module of the contract. */
export type ExamplesOf<Module> = {
  [Name in keyof Module as Module[Name] extends Endpoint ? Name : never]: Module[Name] extends Endpoint
    ? ExampleOf<Module[Name]>
    : never
}
