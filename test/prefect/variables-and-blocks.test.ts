import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { RELEASES, type Release } from './support/environments.ts'
import { journeys } from './support/journey.ts'

const SCRIPT = readFileSync(join(import.meta.dirname, 'scripts', 'variables_and_blocks.py'), 'utf8')

for (const release of Object.keys(RELEASES) as Release[]) {
  /** Each command takes seconds to start, so the older releases run what they are most used for. */
  const all = release === 'newest'

  journeys('variables and blocks', release, (journey) => {
    const cli = (...args: string[]) => journey().cli(...args)
    const refused = async (...args: string[]) => {
      const { status, output } = await journey().prefect(args)
      expect(status).toBe(1)
      return output
    }
    // oxlint-disable-next-line typescript/no-explicit-any -- what the script found
    let found: any
    beforeAll(async () => {
      const { output } = await journey().python(SCRIPT)
      const line = output.split('\n').find((each) => each.startsWith('FOUND'))
      found = JSON.parse(line?.slice('FOUND'.length) ?? expect.fail(output))
    }, 120_000)

    it('set, change and read variables', () => {
      expect(found).toMatchObject({ variable: 'hello again', 'missing variable': 'a default' })
    })

    it('find the schema of a block by the checksum that Prefect computes', () => {
      expect(found.checksums).toEqual({ Inner: true, Outer: true, Secret: true, LocalFileSystem: true })
    })

    it('save and load nested blocks', () => {
      expect(found.nested).toEqual([2, 'my-inner', ['c'], { b: [1, null] }])
      expect(found['by type and name']).toBe(2)
      expect(found['saved again']).toContain('overwrite=True')
    })

    it('save references to secrets, but no secret', () => {
      expect(found.secret).toContain('secrets are not stored here')
      expect(found['nested secret']).toContain('secrets are not stored here')
      expect(found.template).toBe('{{ $TOKEN }}')
    })

    it('save an anonymous block once, however often it is saved', () => {
      expect(new Set(found.anonymous).size).toBe(1)
    })

    it.runIf(release !== 'two')('set, get and unset variables from the command line', async () => {
      await cli('variable', 'set', 'colour', '{"red": [1, 2.5, null]}')
      expect(JSON.parse(await cli('variable', 'get', 'colour'))).toEqual({ red: [1, 2.5, null] })
      await cli('variable', 'unset', 'colour')
      expect(await refused('variable', 'get', 'colour')).toContain('not found')
    })

    it.runIf(all)('overwrite, show and list variables from the command line', async () => {
      expect(await refused('variable', 'set', 'greeting', 'blue')).toContain('already exists')
      await cli('variable', 'set', 'greeting', 'blue', '--overwrite', '--tag', 'paint')
      expect(await cli('variable', 'inspect', 'greeting')).toMatch(/value='blue'[^]*'paint'/)
      expect(await cli('variable', 'ls')).toContain('greeting')
    })

    it.runIf(release === 'two')('list and delete variables from the command line', async () => {
      expect(await cli('variable', 'ls')).toMatch(/greeting .*hello again/)
      await cli('variable', 'delete', 'greeting')
      expect(await refused('variable', 'inspect', 'greeting')).toContain('not found')
    })

    it('list and delete blocks from the command line', async () => {
      const listed = await cli('block', 'ls')
      for (const slug of ['inner/my-inner', 'outer/my-outer', 'secret/my-template']) expect(listed).toContain(slug)
      expect(listed).not.toContain('anonymous')
      await cli('block', 'delete', 'outer/my-outer')
      expect(await refused('block', 'inspect', 'outer/my-outer')).toContain('not found')
    })

    it.runIf(all)('show blocks and their types, and delete types, from the command line', async () => {
      expect(await cli('block', 'inspect', 'inner/my-inner')).toMatch(/whole[^]*2/)
      expect(await cli('block', 'type', 'ls')).toMatch(/inner[^]*local-file-system[^]*outer/)
      await cli('block', 'type', 'delete', 'outer')
      expect(await cli('block', 'type', 'ls')).not.toContain('outer')
    })
  })
}
