/** A plausible mistake that the tests must find. */
export interface Bug {
  name: string
  file: string
  /** The right text, which is once in its file, and the mistaken one. */
  right: string
  wrong: string
}

export const BUGS: readonly Bug[] = [
  {
    name: 'a claim does not check for free slots',
    file: 'shared/storage/limit/limit-actions.ts',
    right: ' AND #available >= :n${sameEpoch}',
    wrong: '${sameEpoch}',
  },
  {
    name: 'a claim does not check whether the queue is paused',
    file: 'shared/storage/limit/limit-actions.ts',
    right: '#paused = :false AND #deleting',
    wrong: 'attribute_exists(#paused) AND #deleting',
  },
  {
    name: 'a claim trusts the index about the state',
    file: 'shared/storage/flow-run/claim-runs.ts',
    right: "[stillScheduled, sameLife, sameGeneration, stillDue, ...unchanged].join(' AND ')",
    wrong: "[stillScheduled, '#generation >= :generation', stillDue].join(' OR ')",
  },
  {
    name: 'a cancelling run releases its slots',
    file: 'shared/flow-run/state.ts',
    right: 'CANCELLING: { terminal: false, holdsSlots: true }',
    wrong: 'CANCELLING: { terminal: false, holdsSlots: false }',
  },
  {
    name: 'a run is written without checking whether it changed',
    file: 'shared/storage/flow-run/save-run.ts',
    right: "condition: '#revision = :revision AND #life = :life'",
    wrong: "condition: '(#revision >= :revision OR #revision < :revision) AND #life = :life'",
  },
  {
    name: 'a release is not part of the transition',
    file: 'shared/storage/flow-run/save-run.ts',
    right: 'await transact(table, [putAction(table, item, unchanged), ...beside])',
    wrong: 'await transact(table, [putAction(table, item, unchanged)])\n      await transact(table, beside)',
  },
  {
    name: 'a lost launch is treated as a crash',
    file: 'shared/ecs-task/judge-hold.ts',
    right: "ageSeconds <= TOKEN_TRUST_SECONDS ? { kind: 'relaunch' } :",
    wrong: "ageSeconds <= TOKEN_TRUST_SECONDS ? crashed('Lost.', now) :",
  },
  {
    name: 'the sweep checks neither lost launches nor leases',
    file: 'shared/engine/dispatch/inspect-runs.ts',
    right: 'at < runIds.length && deps.clock.now() < pass.deadline',
    wrong: 'at < 0',
  },
  {
    name: 'a lost stop is not repeated',
    file: 'shared/engine/dispatch/inspect-run.ts',
    right: 'await stopEcsTask(deps, run.id, { taskArn: verdict.taskArn, reason: verdict.reason })',
    wrong: 'void stopEcsTask',
  },
  {
    name: 'runs that wait for a limit are never handed out',
    file: 'shared/engine/dispatch/blocked-rows.ts',
    right: 'const open = hinted.filter(',
    wrong: 'const open = hinted.slice(0, 0).filter(',
  },
  {
    name: 'drift is repaired at first sight',
    file: 'shared/storage/limit/change-limit.ts',
    right: 'if (driftNoted?.drift !== drift || driftNoted.moves !== moves) {',
    wrong: 'if (driftNoted?.drift === 0) {',
  },
  {
    name: 'an ended run may end again',
    file: 'shared/flow-run/rules.ts',
    right: '{ rule: handleTerminalStates, forced: true },',
    wrong: '',
  },
  {
    name: 'a worker may start a run claimed by another',
    file: 'shared/flow-run/rules.ts',
    right: '{ rule: preventPendingTransitions, forced: true },',
    wrong: '',
  },
  {
    name: 'a task that starts late is stopped at once',
    file: 'shared/ecs-task/launched-claim.ts',
    right: "state.type === 'PENDING' && soon",
    wrong: "state.type === 'RUNNING' && soon",
  },
  {
    name: "an ECS task's event is dropped when another write came first",
    file: 'shared/engine/dispatch/apply-ecs-task.ts',
    right: 'if (!(await saveRun(deps.table, run, verdict.run))) continue',
    wrong: "if (!(await saveRun(deps.table, run, verdict.run))) return 'stored'",
  },
  {
    name: 'an event of an old generation is applied',
    file: 'shared/ecs-task/judge-ecs-task.ts',
    right: 'if (!isOf(run, startedFor) || !isHeld(run) || isOlder(task, run)) {',
    wrong: 'if (!isHeld(run)) {',
  },
  {
    name: 'a report of an old generation is accepted',
    file: 'shared/flow-run/rules.ts',
    right: '{ rule: refuseStaleGeneration, forced: true },',
    wrong: '',
  },
  {
    name: 'a limit opens although a holder could not be counted',
    file: 'shared/engine/deployment/count-holders.ts',
    right: 'if (!(await lendSlots(deps, limit)) || ',
    wrong: 'if (((await lendSlots(deps, limit)) && false) || ',
  },
  {
    name: 'a drift can be repaired twice',
    file: 'shared/storage/limit/change-limit.ts',
    right: '#moves = #moves + :one\n    REMOVE #driftNoted',
    wrong: '#epoch = #epoch + :one\n    REMOVE #driftNoted',
  },
  {
    name: 'a first limit on a deployment counts no holders',
    file: 'shared/engine/deployment/count-holders.ts',
    right: 'if (runs.length === 0) return true',
    wrong: 'if (runs.length >= 0) return true',
  },
]
