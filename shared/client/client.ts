import type { Endpoint, InputOf, OutputOf } from '#shared/contract/endpoint.ts'
import type { Contract } from '#shared/contract/endpoints.ts'
import type { OPERATIONS } from './operations.ts'

export interface CallOptions {
  /** Ends the call, with the signal's reason as its error. */
  signal?: AbortSignal | undefined
  /** How long one try may take; see `ClientOptions`. */
  timeoutMs?: number | undefined
  /** Sent beside the client's own, such as the one that names the claim under which a run is reported. */
  headers?: Readonly<Record<string, string>> | undefined
}

/** A method for each operation of the API, under the operation's name. */
export type Client = { readonly [Name in keyof typeof OPERATIONS]: MethodOf<Contract[Name]> }

export type OperationName = keyof Contract
/** What an operation takes as its body, as JSON has it: instants and ids are strings. */
export type BodyOf<Name extends OperationName> = InputOf<Contract[Name]['body']>
/** What an operation answers, as JSON has it. */
export type ReplyOf<Name extends OperationName> = Wire<OutputOf<Contract[Name]['reply']>>

/**
 * What an operation takes: first an object with the members of its path and query, if it has any, then its body, if it
 * has one, and last the options of the call.
 */
export type ArgumentsOf<E extends Endpoint> = [...PathArgument<E>, ...BodyArgument<InputOf<E['body']>>]

type MethodOf<E extends Endpoint> = [ItemOf<E>] extends [never]
  ? (...args: [...ArgumentsOf<E>, options?: CallOptions]) => Promise<Wire<OutputOf<E['reply']>>>
  : {
      (...args: [...ArgumentsOf<E>, options?: CallOptions]): Promise<Wire<OutputOf<E['reply']>>>
      /** Goes through the whole list, page by page; `limit` is the size of a page. */
      each(...args: [...ArgumentsOf<E>, options?: CallOptions]): AsyncGenerator<ItemOf<E>, void, undefined>
    }

/** A null reply counts as none. */
type Wire<T> = [T] extends [null | undefined] ? void : T

type Flat<T> = { [K in keyof T]: T[K] }
// oxlint-disable-next-line typescript/no-empty-object-type -- assignable to whatever has no required member
type Nothing = {}
type Members<T> = T extends undefined ? unknown : T
type MembersOf<E extends Endpoint> = Flat<Members<InputOf<E['params']>> & Members<InputOf<E['query']>>>

type PathArgument<E extends Endpoint> = [E['params'], E['query']] extends [undefined, undefined]
  ? []
  : Nothing extends MembersOf<E>
    ? [path?: MembersOf<E>]
    : [path: MembersOf<E>]
type BodyArgument<Body> = [Body] extends [undefined] ? [] : Nothing extends Body ? [body?: Body] : [body: Body]

/** The type of a page's items; never for an endpoint without pages. */
type ItemOf<E extends Endpoint> =
  'offset' extends NameIn<InputOf<E['body']>>
    ? ElementOf<OutputOf<E['reply']>>
    : 'page' extends NameIn<InputOf<E['body']>>
      ? ElementOf<ResultsOf<OutputOf<E['reply']>>>
      : never
/** Members that are declared; a record may have any. */
type NameIn<T> = string extends keyof T ? never : keyof T
type ElementOf<T> = T extends (infer Element)[] ? Element : never
type ResultsOf<T> = T extends { results: infer Results } ? Results : never
