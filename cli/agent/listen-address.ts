import { UsageError } from '../usage-error.ts'

export interface ListenAddress {
  host: string
  /** 0 for any free one. */
  port: number
}

const PORT_MAX = 65_535

/** `host:port`, `[::1]:port` or `:port`, which is loopback's. Throws UsageError, which names the option. */
export function parseListenAddress(option: string, text: string): ListenAddress {
  const [, host = '', port = ''] = /^(\[[\da-fA-F:.]+\]|[\w.-]*):(\d{1,5})$/.exec(text) ?? []
  if (port === '' || Number(port) > PORT_MAX) {
    throw new UsageError(`Invalid ${option} '${text}' (host:port, such as 127.0.0.1:8089).`)
  }
  return { host: host.replace(/^\[|\]$/g, '') || '127.0.0.1', port: Number(port) }
}
