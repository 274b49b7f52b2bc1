import { openSync, readSync } from 'node:fs'

/**
 * CLOCK_BOOTTIME as a file: clock_gettime(2) says that it is "identical to CLOCK_MONOTONIC, except that it also includes
 * any time that the system is suspended", and proc(5) that /proc/uptime "includes time spent in suspend". It is opened
 * once, so that no lack of descriptors can ever make two processes read different clocks.
 */
const uptime = openUptime()
const UPTIME_BYTES_MAX = 64
const buffer = Buffer.alloc(UPTIME_BYTES_MAX)

/**
 * Seconds on a clock of this host that nobody sets, to 10 ms. All processes of the host read the same clock, and on Linux
 * it goes on while the machine is suspended. Elsewhere it is libuv's (CLOCK_MONOTONIC, or mach_absolute_time on macOS).
 */
export function hostSeconds(): number {
  if (uptime === undefined) return Number(process.hrtime.bigint()) / 1e9
  const bytes = readSync(uptime, buffer, 0, UPTIME_BYTES_MAX, 0)
  return Number(buffer.toString('latin1', 0, bytes).split(' ')[0])
}

function openUptime(): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return openSync('/proc/uptime', 'r')
  } catch {
    return undefined
  }
}
