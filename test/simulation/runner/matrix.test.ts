import { expect, it } from 'vitest'
import { Matrix } from './matrix.ts'

it('tells pairs that never came from pairs that cannot be', () => {
  const matrix = new Matrix()
  matrix.add([
    ['tick', 'conflict', 30, 0],
    ['tick', 'dies after', 90, 25],
    ['updateFlowRun', 'dies after', 10, 1],
  ])
  matrix.add([['updateFlowRun', 'dies after', 10, 2]])
  expect(matrix.times('tick', 'conflict')).toBe(0)
  expect(matrix.times('updateFlowRun', 'conflict')).toBeNull()
  expect(matrix.times('updateFlowRun', 'dies after')).toBe(3)
})

it('counts operations together that one piece of the service serves', () => {
  const matrix = new Matrix()
  matrix.add([
    ['updateWorkQueue', 'dies after', 10, 1],
    ['updateWorkQueueById', 'dies after', 10, 2],
    ['getFlowRun', 'dies after', 10, 3],
    ['listFlowRuns', 'dies after', 10, 4],
    ['listScheduledFlowRuns', 'dies after', 10, 5],
  ])
  expect(matrix.times('updateWorkQueue', 'dies after')).toBe(3)
  expect(matrix.times('reads of runs', 'dies after')).toBe(7)
  expect(matrix.times('listScheduledFlowRuns', 'dies after')).toBe(5)
})

it('counts a process of several kinds for each that makes such calls by itself', () => {
  const matrix = new Matrix()
  matrix.add([
    ['wake-up', 'conflict', 30, 1],
    ['stop order', 'dies after', 30, 2],
    ['stop order + wake-up', 'conflict', 5, 1],
    ['stop order + wake-up', 'dies after', 5, 3],
  ])
  expect(matrix.times('wake-up', 'conflict')).toBe(2)
  expect(matrix.times('stop order', 'conflict')).toBeNull()
  expect(matrix.times('stop order', 'dies after')).toBe(5)
})

it('names the pairs that come less than 20 times in 2,000 seeds', () => {
  const matrix = new Matrix()
  matrix.add([
    ['tick', 'conflict', 300, 1],
    ['tick', 'dies after', 300, 2],
  ])
  expect(matrix.rare(200)).toEqual(['tick × conflict (1 of 300)'])
  const printed = matrix.print(200)
  expect(printed).toMatch(/^tick .*–/m)
  expect(printed).toContain('Pairs of less than 20 in 2000 seeds: tick × conflict (1 of 300)')
  expect(printed).toMatch(/Operations that no client called: .*createFlowRun/)
})
