/** Fargate's sizes: units of CPU, and the least and most MiB of memory that go with them. */
const SIZES = [
  { cpu: 256, min: 512, max: 2_048 },
  { cpu: 512, min: 1_024, max: 4_096 },
  { cpu: 1_024, min: 2_048, max: 8_192 },
  { cpu: 2_048, min: 4_096, max: 16_384 },
  { cpu: 4_096, min: 8_192, max: 30_720 },
  { cpu: 8_192, min: 16_384, max: 61_440 },
  { cpu: 16_384, min: 32_768, max: 122_880 },
]
/** The default size of Prefect's ECS workers. */
const DEFAULT = { cpu: 1_024, memory: 2_048 }

/**
 * CPU units and MiB of memory of a task, the one filled in to fit the other. Given values are kept: ECS rejects invalid
 * pairs itself.
 */
export function taskSize(cpu: number | null, memoryMib: number | null): { cpu: string; memory: string } {
  const memory = memoryMib ?? SIZES.find((size) => size.cpu === cpu)?.min ?? DEFAULT.memory
  return { cpu: String(cpu ?? cpuFor(memory)), memory: String(memory) }
}

/** The default size where it fits, else the smallest that does. */
function cpuFor(memoryMib: number): number {
  const fits = SIZES.filter(({ min, max }) => min <= memoryMib && memoryMib <= max).map(({ cpu }) => cpu)
  return fits.includes(DEFAULT.cpu) ? DEFAULT.cpu : (fits[0] ?? DEFAULT.cpu)
}
