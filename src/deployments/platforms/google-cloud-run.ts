import { Attributes } from "../attributes.ts"
import type { Context, Platform } from "../platform.ts"
import { type DefaultOf, readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, Workload } from "../workload.ts"
import { cloudRunJob } from "./google-cloud-run-job.ts"
import { noteRevisions, otherRevisions } from "./google-cloud-run-revisions.ts"
import { workerPool } from "./google-cloud-run-worker-pool.ts"
import { cloudSqlInstance } from "./google-cloud-sql.ts"
import { containersOf } from "./google-containers.ts"

const PLATFORM = "Cloud Run"

/** The default if neither level of a service sets one: https://cloud.google.com/run/docs/configuring/max-instances */
const MOST_INSTANCES = { field: "instances", defaultValue: 100, most: undefined, platform: PLATFORM } as const

/**
 * Services, worker pools and jobs of Google Cloud Run, and Cloud SQL.
 *
 * https://registry.terraform.io/providers/hashicorp/google/latest/docs
 */
export const googleCloudRun: Platform = {
  name: PLATFORM,
  workloads: {
    google_cloud_run_v2_service: service,
    google_cloud_run_service: serviceOfV1,
    google_cloud_run_v2_worker_pool: workerPool,
    google_cloud_run_v2_job: cloudRunJob,
  },
  notations: {
    google_cloud_run_v2_service: "block",
    google_cloud_run_service: "block",
    google_cloud_run_v2_worker_pool: "block",
    google_cloud_run_v2_job: "block",
  },
  servers: { google_sql_database_instance: cloudSqlInstance },
  starters: {},
  attached: { google_cloud_scheduler_job: ["http_target.body", "http_target.headers"] },
  sharedEnvironments: [],
}

function service(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [template] = attributes.blocks("template")
  const [scaling] = attributes.blocks("scaling")
  const instances = instancesOf(attributes, template, findings) * regionsOf(attributes, findings)
  noteRevisions(
    otherRevisions(attributes, "revision", template?.get("revision")),
    instances,
    isBounded(scaling, ["max_instance_count", "manual_instance_count"]),
    findings,
  )
  return { containers: containersOf(template, context), ...findings, runs: { instances } }
}

/** A service of several regions runs in each of them, with bounds of its own. */
function regionsOf(attributes: Attributes, { unknowns }: AttributeFindings): number {
  const [settings] = attributes.blocks("multi_region_settings")
  if (settings?.isUnknown("regions")) {
    unknowns.push({ name: "regions", field: "instances", lowest: 0, highest: undefined })
  }
  const regions = settings?.get("regions")
  return Array.isArray(regions) && regions.length > 0 ? regions.length : 1
}

function instancesOf(
  attributes: Attributes,
  template: Attributes | undefined,
  findings: AttributeFindings,
): number {
  const [ofService] = attributes.blocks("scaling")
  const [ofRevision] = template?.blocks("scaling") ?? []
  const mode = ofService?.get(MODE)
  const hasManual = isCount(ofService?.get(MANUAL)) || ofService?.isUnknown(MANUAL) === true
  const manual = () => countOrDefault(ofService, { ...MOST_INSTANCES, attribute: MANUAL }, findings)
  const automatic = () => automaticOf(ofService, ofRevision, findings)
  if (ofService?.isUnknown(MODE)) {
    const counts = [automatic(), ...(hasManual ? [manual()] : [])]
    const highest = Math.max(...counts)
    findings.unknowns.push({ name: MODE, field: "instances", lowest: Math.min(...counts), highest })
    return highest
  }
  // A service that scales automatically may have a manual count without effect. If the mode is omitted, the count
  // decides.
  return mode === "MANUAL" || (mode === undefined && hasManual) ? manual() : automatic()
}

const MODE = "scaling_mode"
const MANUAL = "manual_instance_count"

function automaticOf(
  ofService: Attributes | undefined,
  ofRevision: Attributes | undefined,
  findings: AttributeFindings,
): number {
  // Both bound the instances; 0 stands for no bound.
  const stated = [ofService, ofRevision].filter((scaling) => {
    const count = scaling?.get("max_instance_count")
    return (count !== undefined && count !== 0) || scaling?.isUnknown("max_instance_count")
  })
  const counts = (stated.length > 0 ? stated : [undefined]).map((scaling) =>
    countOrDefault(scaling, { ...MOST_INSTANCES, attribute: "max_instance_count" }, findings),
  )
  return Math.min(...counts)
}

const isCount = (value: unknown) => typeof value === "number" && value > 0

function serviceOfV1(attributes: Attributes, _: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [template] = attributes.blocks("template")
  const [ofRevision] = template?.blocks("metadata") ?? []
  const [revision] = ofRevision?.blocks("annotations") ?? []
  const [whole] = attributes.blocks("metadata").flatMap((metadata) => metadata.blocks("annotations"))
  const count = (of: Attributes | undefined, attribute: string) =>
    countOrDefault(of, { ...MOST_INSTANCES, attribute }, findings)
  const isManual = /^manual$/i.test(whole?.text(MODE_OF_V1) ?? "")
  const isModeHidden = whole?.isUnknown(MODE_OF_V1) === true
  const stated = isBounded(whole, [MOST_OF_V1])
  const isStated = stated || whole?.isUnknown(MOST_OF_V1) === true
  const ofRevisionIsStated = isBounded(revision, [MOST_OF_REVISION]) || revision?.isUnknown(MOST_OF_REVISION)
  const automatic = () =>
    isStated && !ofRevisionIsStated
      ? count(whole, MOST_OF_V1)
      : Math.min(count(revision, MOST_OF_REVISION), ...(isStated ? [count(whole, MOST_OF_V1)] : []))
  const counts = [
    ...(isManual || isModeHidden ? [count(whole, MANUAL_OF_V1)] : []),
    ...(isManual ? [] : [automatic()]),
  ]
  const instances = Math.max(...counts)
  if (isModeHidden)
    findings.unknowns.push({
      name: MODE_OF_V1,
      field: "instances",
      lowest: Math.min(...counts),
      highest: instances,
    })
  const others = otherRevisions(attributes, "revision_name", ofRevision?.get("name"))
  noteRevisions(others, instances, isManual || stated, findings)
  const marks = revision?.text(SERVERS_OF_V1)?.split(",") ?? []
  return {
    containers: containersOf(template?.blocks("spec")[0], context, marks),
    ...findings,
    runs: { instances },
  }
}

const MODE_OF_V1 = "run.googleapis.com/scalingMode"
const MANUAL_OF_V1 = "run.googleapis.com/manualInstanceCount"
const MOST_OF_V1 = "run.googleapis.com/maxScale"
const MOST_OF_REVISION = "autoscaling.knative.dev/maxScale"
const SERVERS_OF_V1 = "run.googleapis.com/cloudsql-instances"

const isBounded = (scaling: Attributes | undefined, names: readonly string[]): boolean =>
  names.some((name) => Number(scaling?.get(name) ?? 0) > 0)

function countOrDefault(
  attributes: Attributes | undefined,
  defaults: DefaultOf,
  findings: AttributeFindings,
): number {
  return readCountAttribute(attributes ?? new Attributes(undefined), defaults, findings)
}
