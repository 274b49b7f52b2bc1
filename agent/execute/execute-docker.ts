import { cliEnvironment } from '#shared/process/docker/docker-cli.ts'
import { startContainer } from '#shared/process/docker/docker-container.ts'
import { readDockerJob } from '#shared/process/docker/docker-job.ts'
import type { ChildWatcher } from '#shared/process/watcher/child-watcher.ts'
import type { AgentOptions } from '../agent-options.ts'
import type { Execute } from './executor.ts'
import { EXECUTE_FLOW } from './run-command.ts'

/** Runs are containers of the engine that Docker's command line speaks to. */
export function dockerExecutor(
  watcher: Pick<ChildWatcher, 'watch' | 'forget'>,
  { env: own, name: agent, killGraceSeconds: stopTimeoutSeconds }: AgentOptions,
): Execute {
  return ({ run, env, cwd, outputFile }) => {
    const { flow_run, generation, life } = run
    const job = readDockerJob(run.job.configuration)
    const command = job.command ?? (run.job.kind === 'flow' ? ['prefect', ...EXECUTE_FLOW] : null)
    const identity = { runId: flow_run.id, generation, life, agent }
    const cli = { program: 'docker', env: cliEnvironment(own), cwd }
    return startContainer(
      { job: { ...job, command, env: { ...job.env, ...env } }, identity, cli, outputFile, stopTimeoutSeconds },
      watcher,
    )
  }
}
