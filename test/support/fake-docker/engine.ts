import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the engine knows of a container. */
export interface FakeContainer {
  id: string
  name: string
  image: string
  command: string[]
  env: Record<string, string>
  labels: Record<string, string>
  networks: string[]
  status: 'created' | 'running' | 'exited'
  exitCode: number
  /** The process in the container. */
  pid: number | null
  /** Why it did not start. */
  problem: string | null
}

/** The engine's state, a folder that all calls of the command line share. */
export class FakeEngine {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    for (const name of ['containers', 'images', 'registry', 'logs']) mkdirSync(join(folder, name), { recursive: true })
  }

  has(kind: 'images' | 'registry', image: string): boolean {
    return existsSync(join(this.folder, kind, encodeURIComponent(image)))
  }

  add(kind: 'images' | 'registry', image: string): void {
    writeFileSync(join(this.folder, kind, encodeURIComponent(image)), '')
  }

  logOf(name: string): string {
    return join(this.folder, 'logs', name)
  }

  containers(): FakeContainer[] {
    const names = readdirSync(join(this.folder, 'containers')).filter((name) => name.endsWith('.json'))
    return names.flatMap((name) => this.find(name.slice(0, -'.json'.length)) ?? [])
  }

  find(name: string): FakeContainer | undefined {
    try {
      return JSON.parse(readFileSync(this.#path(name), 'utf8')) as FakeContainer
    } catch {
      return undefined
    }
  }

  /** False when there is one of that name; of two calls at once, one creates it. */
  create(container: FakeContainer): boolean {
    try {
      writeFileSync(this.#path(container.name), JSON.stringify(container), { flag: 'wx' })
      return true
    } catch {
      return false
    }
  }

  /** Changes a container, unless it was removed meanwhile. */
  change(name: string, change: Partial<FakeContainer>): void {
    const container = this.find(name)
    if (!container) return
    const draft = `${this.#path(name)}.${process.pid}`
    writeFileSync(draft, JSON.stringify({ ...container, ...change }))
    if (existsSync(this.#path(name))) renameSync(draft, this.#path(name))
    else rmSync(draft, { force: true })
  }

  remove(name: string): void {
    rmSync(this.#path(name), { force: true })
  }

  #path(name: string): string {
    return join(this.folder, 'containers', `${name}.json`)
  }
}
