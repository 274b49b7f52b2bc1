import { describe, expect, it } from 'vitest'
import { Session } from '../../../agent/claim/session.ts'

describe('a session', () => {
  it('takes no answer that was overtaken by another', () => {
    const session = new Session()
    expect([3, 5, 4, 5, 6].map((sequence) => session.takes({ sequence }))).toEqual([true, true, false, true, true])
    expect(session.sequence).toBe(6)
  })

  it('repeats a call that may have been carried out, and no other', () => {
    const session = new Session()
    const first = session.nextRequestId()
    session.failed(true)
    expect(session.nextRequestId()).toBe(first)
    session.failed(false)
    const second = session.nextRequestId()
    expect(second).not.toBe(first)
    session.givenUp()
    const third = session.nextRequestId()
    expect(third).not.toBe(second)
    session.takes({ sequence: 1 })
    expect(session.nextRequestId()).not.toBe(third)
  })

  it('begins anew once it is over', () => {
    const session = new Session()
    const { id } = session
    session.takes({ sequence: 9 })
    session.renew()
    expect(session.sequence).toBe(0)
    expect(session.id).not.toBe(id)
    expect(session.takes({ sequence: 1 })).toBe(true)
  })
})
