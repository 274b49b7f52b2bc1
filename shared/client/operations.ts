import type { Operation } from './operation.ts'

/** The methods and paths of the API. Generated from shared/contract by `npm run client-table`; don't edit. */
export const OPERATIONS = {
  /** Acquire slots without a lease, of all named limits or of none; names without a limit are ignored. */
  acquireSlots: { method: 'POST', path: '/v2/concurrency_limits/increment', body: true },
  /** Acquire slots under a lease, of all named limits or of none; they are released when it ends or expires. */
  acquireSlotsWithLease: { method: 'POST', path: '/v2/concurrency_limits/increment-with-lease', body: true },
  /** Acquire a slot of each of these tags for a task run, of all or of none. */
  acquireTagSlots: { method: 'POST', path: '/concurrency_limits/increment', body: true, repeat: 'always' },
  /** Count automations; always 0. */
  countAutomations: { method: 'POST', path: '/automations/count', body: true, repeat: 'always' },
  /** Count block documents; anonymous ones only on request. */
  countBlockDocuments: { method: 'POST', path: '/block_documents/count', body: true, repeat: 'always' },
  /** Count deployments. */
  countDeployments: { method: 'POST', path: '/deployments/count', body: true, repeat: 'always' },
  /** Count flow runs. */
  countFlowRuns: { method: 'POST', path: '/flow_runs/count', body: true, repeat: 'always' },
  /** Count flows. */
  countFlows: { method: 'POST', path: '/flows/count', body: true, repeat: 'always' },
  /** Count task runs; of the newest flow runs unless flow runs are given. */
  countTaskRuns: { method: 'POST', path: '/task_runs/count', body: true, repeat: 'always' },
  /** Count variables. */
  countVariables: { method: 'POST', path: '/variables/count', body: true, repeat: 'always' },
  /** Count work pools. */
  countWorkPools: { method: 'POST', path: '/work_pools/count', body: true, repeat: 'always' },
  /** Create an API key and return it once. A repeated request creates another key. */
  createApiKey: { method: 'POST', path: '/api_keys/', body: true },
  /** Create an artifact. */
  createArtifact: { method: 'POST', path: '/artifacts/', body: true },
  /** Create an automation; always rejected, as automations and deployment triggers are not supported. */
  createAutomation: { method: 'POST', path: '/automations/', body: true },
  /** Create a block document. Values in secret fields of its schema are rejected. */
  createBlockDocument: { method: 'POST', path: '/block_documents/', body: true },
  /** Create a block schema; an existing one of the same content and version is returned with 200. */
  createBlockSchema: { method: 'POST', path: '/block_schemas/', body: true, repeat: 'always' },
  /** Create a block type. */
  createBlockType: { method: 'POST', path: '/block_types/', body: true },
  /** Create a deployment, or update the one with that flow and name, with 200. */
  createDeployment: { method: 'POST', path: '/deployments/', body: true, repeat: 'always' },
  /** Create schedules of a deployment. */
  createDeploymentSchedules: { method: 'POST', path: '/deployments/:id/schedules', body: true },
  /** Create a flow; an existing flow of that name is returned with 200. */
  createFlow: { method: 'POST', path: '/flows/', body: true, repeat: 'always' },
  /** Create a flow run; a repeated idempotency key returns the existing run with 200. */
  createFlowRun: { method: 'POST', path: '/flow_runs/', body: true, repeat: 'keyed' },
  /** Create a flow run of a deployment; a repeated idempotency key returns the existing run with 200. */
  createFlowRunFromDeployment: {
    method: 'POST',
    path: '/deployments/:id/create_flow_run',
    body: true,
    repeat: 'keyed',
  },
  /** Create an input of a flow run under a new key. */
  createFlowRunInput: { method: 'POST', path: '/flow_runs/:id/input', body: true },
  /** Create a global concurrency limit; one with a decay is a rate limit. */
  createGlobalLimit: { method: 'POST', path: '/v2/concurrency_limits/', body: true },
  /** Create a work queue in the default agent pool. */
  createLegacyWorkQueue: { method: 'POST', path: '/work_queues/', body: true },
  /** Create log lines; lines sent again are stored once. */
  createLogs: { method: 'POST', path: '/logs/', body: true, repeat: 'always' },
  /** Create or update the limit on a tag; 200 if it existed. */
  createTagLimit: { method: 'POST', path: '/concurrency_limits/', body: true, repeat: 'always' },
  /** Create a task run; an existing one with these keys in its flow run is returned with 200. */
  createTaskRun: { method: 'POST', path: '/task_runs/', body: true, repeat: 'always' },
  /** Create a variable. */
  createVariable: { method: 'POST', path: '/variables/', body: true },
  /** Create a work pool with its default queue. */
  createWorkPool: { method: 'POST', path: '/work_pools/', body: true },
  /** Create a work queue; its priority defaults to the lowest free number. */
  createWorkQueue: { method: 'POST', path: '/work_pools/:pool/queues', body: true },
  /** Delete an artifact. */
  deleteArtifact: { method: 'DELETE', path: '/artifacts/:id', repeat: 'always' },
  /** Delete a block document. Fields of other blocks that reference it are removed. */
  deleteBlockDocument: { method: 'DELETE', path: '/block_documents/:id', repeat: 'always' },
  /** Delete a block type that has no block documents, with its schemas. */
  deleteBlockType: { method: 'DELETE', path: '/block_types/:id', repeat: 'always' },
  /** Delete a deployment and cancel its waiting runs. */
  deleteDeployment: { method: 'DELETE', path: '/deployments/:id', repeat: 'always' },
  /** Delete a schedule. */
  deleteDeploymentSchedule: { method: 'DELETE', path: '/deployments/:id/schedules/:schedule_id', repeat: 'always' },
  /** Delete a flow that has no deployments and no flow runs. */
  deleteFlow: { method: 'DELETE', path: '/flows/:id', repeat: 'always' },
  /** Delete a flow run and its logs; one that holds slots must be cancelled first. */
  deleteFlowRun: { method: 'DELETE', path: '/flow_runs/:id', repeat: 'always' },
  /** Delete an input of a flow run. */
  deleteFlowRunInput: { method: 'DELETE', path: '/flow_runs/:id/input/:key', repeat: 'always' },
  /** Delete a global concurrency limit; holders of its slots keep running. */
  deleteGlobalLimit: { method: 'DELETE', path: '/v2/concurrency_limits/:id_or_name', repeat: 'always' },
  /** Delete the automations owned by a resource; does nothing. */
  deleteOwnedAutomations: { method: 'DELETE', path: '/automations/owned-by/:resource', repeat: 'always' },
  /** Delete the limit on a tag by its id. */
  deleteTagLimit: { method: 'DELETE', path: '/concurrency_limits/:id', repeat: 'always' },
  /** Delete the limit on a tag. */
  deleteTagLimitByTag: { method: 'DELETE', path: '/concurrency_limits/tag/:tag', repeat: 'always' },
  /** Delete a task run. */
  deleteTaskRun: { method: 'DELETE', path: '/task_runs/:id', repeat: 'always' },
  /** Delete a variable. */
  deleteVariable: { method: 'DELETE', path: '/variables/:id', repeat: 'always' },
  /** Delete a variable by its name. */
  deleteVariableByName: { method: 'DELETE', path: '/variables/name/:name', repeat: 'always' },
  /** Delete a work pool and its queues; waiting runs are cancelled. Rejected while runs hold slots. */
  deleteWorkPool: { method: 'DELETE', path: '/work_pools/:name', repeat: 'always' },
  /** Delete a work queue; its waiting runs are cancelled. Rejected while its runs hold slots. */
  deleteWorkQueue: { method: 'DELETE', path: '/work_pools/:pool/queues/:queue', repeat: 'always' },
  /** Delete a work queue by its id; its waiting runs are cancelled. */
  deleteWorkQueueById: { method: 'DELETE', path: '/work_queues/:id', repeat: 'always' },
  /** Delete a worker. */
  deleteWorker: { method: 'DELETE', path: '/work_pools/:pool/workers/:worker', repeat: 'always' },
  /** Explain why a flow run is waiting, with the same code that hands runs out. Not in Prefect. */
  explainFlowRun: { method: 'GET', path: '/flow_runs/:id/explain' },
  /** Get an artifact. */
  getArtifact: { method: 'GET', path: '/artifacts/:id' },
  /** Get a block document, with the data of the blocks that it references. */
  getBlockDocument: { method: 'GET', path: '/block_documents/:id' },
  /** Get a block document by its type and name. */
  getBlockDocumentByName: { method: 'GET', path: '/block_types/slug/:slug/block_documents/name/:name' },
  /** Get a block schema. */
  getBlockSchema: { method: 'GET', path: '/block_schemas/:id' },
  /** Get a block schema by its checksum, in the given version or the newest. */
  getBlockSchemaByChecksum: { method: 'GET', path: '/block_schemas/checksum/:checksum', query: true },
  /** Get a block type. */
  getBlockType: { method: 'GET', path: '/block_types/:id' },
  /** Get a block type by its slug. */
  getBlockTypeBySlug: { method: 'GET', path: '/block_types/slug/:slug' },
  /** Get a view of the collection registry; `aggregate-worker-metadata` lists the work pool types. */
  getCollectionView: { method: 'GET', path: '/collections/views/:view' },
  /** Get a CSRF token; always rejected with 422, so Prefect's clients continue without one. */
  getCsrfToken: { method: 'GET', path: '/csrf-token', query: true },
  /** Get a deployment. */
  getDeployment: { method: 'GET', path: '/deployments/:id' },
  /** Get a deployment by the names of its flow and itself. */
  getDeploymentByName: { method: 'GET', path: '/deployments/name/:flow_name/:deployment_name' },
  /** Get a flow. */
  getFlow: { method: 'GET', path: '/flows/:id' },
  /** Get a flow by its name. */
  getFlowByName: { method: 'GET', path: '/flows/name/:name' },
  /** Get a flow run. */
  getFlowRun: { method: 'GET', path: '/flow_runs/:id' },
  /** Get an input of a flow run as plain text. */
  getFlowRunInput: { method: 'GET', path: '/flow_runs/:id/input/:key', plainText: true },
  /** Get a state of a flow run. */
  getFlowRunState: { method: 'GET', path: '/flow_run_states/:id' },
  /** Get a global concurrency limit by its id or name. */
  getGlobalLimit: { method: 'GET', path: '/v2/concurrency_limits/:id_or_name' },
  /** Check that the service is up. Needs no key. */
  getHealth: { method: 'GET', path: '/health' },
  /** Get a greeting. */
  getHello: { method: 'GET', path: '/hello' },
  /** Get the latest artifact of a key. */
  getLatestArtifact: { method: 'GET', path: '/artifacts/:key/latest' },
  /** Get a work queue of the default agent pool by its name. */
  getLegacyWorkQueueByName: { method: 'GET', path: '/work_queues/name/:name' },
  /** Get this document. */
  getOpenApi: { method: 'GET', path: '/openapi.json' },
  /** Get the version of Prefect's API that is served; Prefect's clients reject another major version. */
  getPrefectVersion: { method: 'GET', path: '/admin/version' },
  /** Check that the service can reach its table. Needs no key. */
  getReadiness: { method: 'GET', path: '/ready' },
  /** Get the default result storage of Prefect flows; there is none. */
  getServerStorage: { method: 'GET', path: '/admin/storage' },
  /** Get the limit on a tag by its id, with the task runs that hold its slots. */
  getTagLimit: { method: 'GET', path: '/concurrency_limits/:id' },
  /** Get the limit on a tag, with the task runs that hold its slots. */
  getTagLimitByTag: { method: 'GET', path: '/concurrency_limits/tag/:tag' },
  /** Get a task run. */
  getTaskRun: { method: 'GET', path: '/task_runs/:id' },
  /** Get a state of a task run. */
  getTaskRunState: { method: 'GET', path: '/task_run_states/:id' },
  /** Get a variable. */
  getVariable: { method: 'GET', path: '/variables/:id' },
  /** Get a variable by its name. */
  getVariableByName: { method: 'GET', path: '/variables/name/:name' },
  /** Get pushpool's version. */
  getVersion: { method: 'GET', path: '/version' },
  /** Get a work pool. */
  getWorkPool: { method: 'GET', path: '/work_pools/:name' },
  /** Get a work pool's held slots by queue, with the runs that hold them. */
  getWorkPoolSlots: { method: 'POST', path: '/work_pools/:name/concurrency_status', body: true, repeat: 'always' },
  /** Get a work queue. */
  getWorkQueue: { method: 'GET', path: '/work_pools/:pool/queues/:queue' },
  /** Get a work queue by its id. */
  getWorkQueueById: { method: 'GET', path: '/work_queues/:id' },
  /** Get a work queue's held slots by page, with the runs that hold them. */
  getWorkQueueSlots: { method: 'POST', path: '/work_queues/:id/concurrency_status', body: true, repeat: 'always' },
  /** Get the status of a work queue: whether it was polled recently and has no late runs. */
  getWorkQueueStatus: { method: 'GET', path: '/work_queues/:id/status' },
  /** List the work queues of all pools by name. */
  listAllWorkQueues: { method: 'POST', path: '/work_queues/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List API keys, newest first, without their secrets. Expired and revoked keys are listed for 90 days. */
  listApiKeys: { method: 'POST', path: '/api_keys/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List artifacts among the newest 5,000. */
  listArtifacts: { method: 'POST', path: '/artifacts/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List automations; always empty. */
  listAutomations: { method: 'POST', path: '/automations/filter', body: true, repeat: 'always' },
  /** List the capabilities of block schemas. */
  listBlockCapabilities: { method: 'GET', path: '/block_capabilities/' },
  /** List block documents; anonymous ones only on request. */
  listBlockDocuments: {
    method: 'POST',
    path: '/block_documents/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** List the block documents of a type, without anonymous ones. */
  listBlockDocumentsOfType: { method: 'GET', path: '/block_types/slug/:slug/block_documents' },
  /** List block schemas, newest first. */
  listBlockSchemas: { method: 'POST', path: '/block_schemas/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List block types by name. */
  listBlockTypes: { method: 'POST', path: '/block_types/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List a deployment's schedules. */
  listDeploymentSchedules: { method: 'GET', path: '/deployments/:id/schedules' },
  /** List deployments. */
  listDeployments: { method: 'POST', path: '/deployments/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List events; always empty. */
  listEvents: { method: 'POST', path: '/events/filter', body: true, repeat: 'always' },
  /** List a flow run's inputs by key prefix, oldest first. */
  listFlowRunInputs: { method: 'POST', path: '/flow_runs/:id/input/filter', body: true, repeat: 'always' },
  /** List a flow run's states, oldest first, ending with the current one. */
  listFlowRunStates: { method: 'GET', path: '/flow_run_states/', query: true },
  /** List flow runs, by default the latest expected start first. */
  listFlowRuns: { method: 'POST', path: '/flow_runs/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List flows. */
  listFlows: { method: 'POST', path: '/flows/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List global concurrency limits by name. */
  listGlobalLimits: {
    method: 'POST',
    path: '/v2/concurrency_limits/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** List the latest artifact of each key among the newest 5,000 artifacts. */
  listLatestArtifacts: {
    method: 'POST',
    path: '/artifacts/latest/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** List the log lines of flow runs. */
  listLogs: { method: 'POST', path: '/logs/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List the automations related to a resource; always empty. */
  listRelatedAutomations: { method: 'GET', path: '/automations/related-to/:resource' },
  /** Poll the deployments that a process serves for runs to start. */
  listScheduledFlowRuns: { method: 'POST', path: '/deployments/get_scheduled_flow_runs', body: true, repeat: 'always' },
  /** List the limits on tags, with the task runs that hold their slots. */
  listTagLimits: { method: 'POST', path: '/concurrency_limits/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List a task run's states, oldest first, ending with the current one. */
  listTaskRunStates: { method: 'GET', path: '/task_run_states/', query: true },
  /** List task runs; of the newest flow runs unless flow runs are given. */
  listTaskRuns: { method: 'POST', path: '/task_runs/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List variables. */
  listVariables: { method: 'POST', path: '/variables/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List work pools by name. */
  listWorkPools: { method: 'POST', path: '/work_pools/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List a work pool's queues, highest priority first. */
  listWorkQueues: {
    method: 'POST',
    path: '/work_pools/:pool/queues/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** List a work pool's workers, latest heartbeat first. */
  listWorkers: {
    method: 'POST',
    path: '/work_pools/:pool/workers/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** List deployments by page, with their count. */
  paginateDeployments: { method: 'POST', path: '/deployments/paginate', body: true, pages: 'number', repeat: 'always' },
  /** List flow runs by page, with their count. */
  paginateFlowRuns: { method: 'POST', path: '/flow_runs/paginate', body: true, pages: 'number', repeat: 'always' },
  /** List task runs by page, with their count. */
  paginateTaskRuns: { method: 'POST', path: '/task_runs/paginate', body: true, pages: 'number', repeat: 'always' },
  /** Pause a deployment: stop creating runs from its schedules. */
  pauseDeployment: { method: 'POST', path: '/deployments/:id/pause_deployment', repeat: 'always' },
  /** Poll a work pool for runs to start, highest queue priority first. */
  pollWorkPool: { method: 'POST', path: '/work_pools/:name/get_scheduled_flow_runs', body: true, repeat: 'always' },
  /** Poll a work queue for runs to start. */
  pollWorkQueue: { method: 'POST', path: '/work_queues/:id/get_runs', body: true, repeat: 'always' },
  /** Record a heartbeat of a worker. */
  recordWorkerHeartbeat: { method: 'POST', path: '/work_pools/:pool/workers/heartbeat', body: true, repeat: 'always' },
  /** Release slots that were acquired without a lease. */
  releaseSlots: { method: 'POST', path: '/v2/concurrency_limits/decrement', body: true },
  /** Release a lease and its slots; an expired lease has released them already. */
  releaseSlotsWithLease: { method: 'POST', path: '/v2/concurrency_limits/decrement-with-lease', body: true },
  /** Release the slots that a task run holds of these tags. */
  releaseTagSlots: { method: 'POST', path: '/concurrency_limits/decrement', body: true, repeat: 'always' },
  /** Renew a lease for this long from now. */
  renewLease: { method: 'POST', path: '/v2/concurrency_limits/leases/:id/renew', body: true, repeat: 'always' },
  /** Release the slots of all task runs but those named. */
  resetTagLimitByTag: { method: 'POST', path: '/concurrency_limits/tag/:tag/reset', body: true, repeat: 'always' },
  /** Resume a deployment: create runs from its schedules again. */
  resumeDeployment: { method: 'POST', path: '/deployments/:id/resume_deployment', repeat: 'always' },
  /** Resume a flow run that is paused or suspended. */
  resumeFlowRun: { method: 'POST', path: '/flow_runs/:id/resume', body: true },
  /** Revoke an API key immediately and permanently; a key cannot revoke itself. */
  revokeApiKey: { method: 'DELETE', path: '/api_keys/:id', repeat: 'always' },
  /** Resume a deployment; Prefect 2's name for resume_deployment. */
  setDeploymentScheduleActive: { method: 'POST', path: '/deployments/:id/set_schedule_active', repeat: 'always' },
  /** Pause a deployment; Prefect 2's name for pause_deployment. */
  setDeploymentScheduleInactive: { method: 'POST', path: '/deployments/:id/set_schedule_inactive', repeat: 'always' },
  /** Add to a flow run's labels. */
  setFlowRunLabels: { method: 'PATCH', path: '/flow_runs/:id/labels', body: true, repeat: 'always' },
  /** Propose a state; the response says whether it was accepted, and is 200 if nothing was stored. */
  setFlowRunState: { method: 'POST', path: '/flow_runs/:id/set_state', body: true },
  /** Propose a task run's state; the response says whether it was accepted, and is 200 if nothing was stored. */
  setTaskRunState: { method: 'POST', path: '/task_runs/:id/set_state', body: true },
  /** Update an artifact; omitted fields stay unchanged. */
  updateArtifact: { method: 'PATCH', path: '/artifacts/:id', body: true, repeat: 'always' },
  /** Update a block document. Values in secret fields of its schema are rejected. */
  updateBlockDocument: { method: 'PATCH', path: '/block_documents/:id', body: true, repeat: 'always' },
  /** Update a block type's presentation; omitted fields stay unchanged. */
  updateBlockType: { method: 'PATCH', path: '/block_types/:id', body: true, repeat: 'always' },
  /** Update a deployment; omitted fields stay unchanged. */
  updateDeployment: { method: 'PATCH', path: '/deployments/:id', body: true, repeat: 'always' },
  /** Update a schedule; omitted fields stay unchanged. */
  updateDeploymentSchedule: {
    method: 'PATCH',
    path: '/deployments/:id/schedules/:schedule_id',
    body: true,
    repeat: 'always',
  },
  /** Replace a flow's tags. */
  updateFlow: { method: 'PATCH', path: '/flows/:id', body: true, repeat: 'always' },
  /** Update a flow run; omitted fields stay unchanged. */
  updateFlowRun: { method: 'PATCH', path: '/flow_runs/:id', body: true, repeat: 'always' },
  /** Update a global concurrency limit; held slots stay held, unless active_slots is 0. */
  updateGlobalLimit: { method: 'PATCH', path: '/v2/concurrency_limits/:id_or_name', body: true },
  /** Rename a task run. */
  updateTaskRun: { method: 'PATCH', path: '/task_runs/:id', body: true, repeat: 'always' },
  /** Update a variable's value or tags; omitted fields stay unchanged. */
  updateVariable: { method: 'PATCH', path: '/variables/:id', body: true, repeat: 'always' },
  /** Update a variable by its name. */
  updateVariableByName: { method: 'PATCH', path: '/variables/name/:name', body: true },
  /** Update a work pool: pause or resume it, set or clear its limit, replace its job template. */
  updateWorkPool: { method: 'PATCH', path: '/work_pools/:name', body: true, repeat: 'always' },
  /** Update a work queue: pause or resume it, set or clear its limit, change its priority. */
  updateWorkQueue: { method: 'PATCH', path: '/work_pools/:pool/queues/:queue', body: true, repeat: 'always' },
  /** Update a work queue by its id. */
  updateWorkQueueById: { method: 'PATCH', path: '/work_queues/:id', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
