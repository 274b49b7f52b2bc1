import { expect, it } from 'vitest'
import { queueNews } from '../../../agent/claim/queue-news.ts'

it('an agent says which queues were created, and which it matches or no longer does', () => {
  const queues = [
    { name: 'named', created: true },
    { name: 'prio-1', created: false },
    { name: 'prio-2', created: false },
  ]
  const news = queueNews(queues, { match: ['prio', 'na'], named: ['named'], before: new Set(['prio-2', 'prio-3']) })
  expect(news.sentences).toEqual([
    "Created work queue 'named'.",
    'Matched new work queues: prio-1',
    'Work queues no longer matched: prio-3',
  ])
  expect([...news.matched]).toEqual(['prio-1', 'prio-2'])
  expect(queueNews(queues.slice(1), { match: ['prio'], named: [], before: news.matched }).sentences).toEqual([])
})
