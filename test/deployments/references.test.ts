import { describe, expect, test } from "vitest"
import type { Target } from "../../src/deployments/platform.ts"
import { readDocument } from "../../src/deployments/terraform/document.ts"
import { resolveReferences } from "../../src/deployments/terraform/references.ts"
import { type Calls, constant, created, firstPlan, refersTo, type StackResource } from "../support/stack.ts"

const TASKS: Target = {
  type: "aws_ecs_task_definition",
  names: ({ attributes }) => {
    const [arn, family] = [attributes.text("arn"), attributes.text("family")]
    return arn === undefined && family === undefined ? undefined : [arn ?? [], family ?? []].flat()
  },
  keys: (value) => [value, value.replace(/:\d+$/, "")],
}

const ARN = "arn:aws:ecs:eu-west-3:1:task-definition/api:7"

const task = (address: string, values: object = {}, more: Partial<StackResource> = {}) =>
  created(`${address}`, { ...values }, { arn: true }, {}, more)

function contextOf(resources: readonly StackResource[], calls?: Calls) {
  const document = readDocument({ name: "", json: firstPlan(resources, calls) }, [])
  const named = (address: string) => {
    const found = document.resources.find((each) => each.address === address)
    if (found === undefined) throw new Error(address)
    return found
  }
  return { ...resolveReferences([document], []).after, named }
}

/** What the service's task definition is. */
function resolved(service: StackResource, others: readonly StackResource[], calls?: Calls) {
  const { resolve, named } = contextOf([service, ...others], calls)
  const { resources, isCertain } = resolve(named(service.address), "task_definition", TASKS)
  return [isCertain ? "certain" : "perhaps", ...resources.map(({ address }) => address)]
}

const known = (task_definition: string) =>
  created("aws_ecs_service.api", { task_definition }, {}, { task_definition: refersTo("local.task") })

const unknown = (...references: string[]) =>
  created("aws_ecs_service.api", {}, { task_definition: true }, { task_definition: refersTo(...references) })

const API = "aws_ecs_task_definition.api"
const OTHER = task("aws_ecs_task_definition.other", { family: "other" })

describe("a value names", () => {
  test.each<[what: string, value: string, values: object]>([
    ["an ARN", ARN, { arn: ARN, family: "x" }],
    ["a family", "api", { family: "api" }],
    ["a family with a revision", "api:7", { family: "api" }],
  ])("the resource with %s", (_, value, values) => {
    expect(resolved(known(value), [task(API, values), OTHER])).toEqual(["certain", API])
  })

  test("none of these, which is not certain", () => {
    expect(resolved(known("worker"), [task(API, { family: "api" }), OTHER])).toEqual(["perhaps"])
  })

  test("perhaps one whose names are not known", () => {
    expect(resolved(known("worker"), [task(API), OTHER])).toEqual(["perhaps", API])
  })

  test("one of several with this name", () => {
    const both = [
      task("module.a.aws_ecs_task_definition.api", { family: "api" }),
      task(API, { family: "api" }),
    ]
    expect(resolved(known("api"), both)).toHaveLength(3)
    expect(resolved(known("api"), both)[0]).toBe("perhaps")
  })

  test("the one that is created rather than the one that is read", () => {
    const data: StackResource = { address: `data.${API}`, mode: "data", values: { family: "api" } }
    expect(resolved(known("api"), [data, task(API, { family: "api" })])).toEqual(["certain", API])
    expect(resolved(known("api"), [data, OTHER])).toEqual(["certain", `data.${API}`])
  })
})

describe("an expression means", () => {
  test("the resource that it refers to", () => {
    expect(resolved(unknown(`${API}.arn`), [task(API), OTHER])).toEqual(["certain", API])
  })

  test("the instance that it names", () => {
    const both = [task(`${API}["a"]`), task(`${API}["b"]`)]
    expect(resolved(unknown(`${API}["b"].arn`), both)).toEqual(["certain", `${API}["b"]`])
    expect(resolved(unknown(`${API}`), both)).toEqual(["perhaps", `${API}["a"]`, `${API}["b"]`])
  })

  test.each(["each.key", "count.index"])("the instance of the same key, by %s", (by) => {
    const both = [task(`${API}[0]`), task(`${API}[1]`)]
    const { address: _, ...service } = unknown(API, by)
    const second = { ...service, address: "aws_ecs_service.api[1]" }
    expect(resolved(second, both)).toEqual(["certain", `${API}[1]`])
  })

  test("any instance where another value is the key", () => {
    const both = [task(`${API}["a"]`), task(`${API}["b"]`)]
    const { address: _, ...service } = unknown(API, "each.value.task")
    expect(resolved({ ...service, address: 'aws_ecs_service.api["a"]' }, both)[0]).toBe("perhaps")
  })

  test("what a module returns", () => {
    const calls: Calls = {
      task: { passed: { family: constant("api") }, returned: { arn: refersTo(`${API}.arn`) } },
    }
    const inModule = task(`module.task.${API}`, { family: "api" })
    expect(resolved(unknown("module.task.arn"), [inModule, OTHER], calls)).toEqual([
      "certain",
      `module.task.${API}`,
    ])
  })

  test("one of all where it cannot be followed", () => {
    expect(resolved(unknown("local.task"), [task(API), OTHER])).toEqual(["perhaps", API, OTHER.address])
  })
})

describe("what refers to a resource", () => {
  const service = created("aws_ecs_service.api", { name: "api" }, {})
  const worker = created("aws_ecs_service.worker", { name: "worker" }, {})
  const SERVICES: Target = {
    type: "aws_ecs_service",
    names: ({ attributes }) => [attributes.text("name") ?? ""],
    keys: (value) => [value.split("/").at(-1) ?? ""],
  }
  const target = (values: object, unknown: object = {}, expressions: object = {}) =>
    created("aws_appautoscaling_target.x", { ...values }, { ...unknown }, { ...expressions })
  const referrers = (referring: StackResource) => {
    const { referrers, named } = contextOf([service, worker, referring])
    return [service, worker].map(({ address }) => {
      const found = referrers(named(address), "aws_appautoscaling_target", "resource_id", SERVICES)
      return [found.certain.length, found.possible.length]
    })
  }

  test.each<[what: string, referring: StackResource, service: number[], worker: number[]]>([
    ["by its name", target({ resource_id: "service/main/api" }), [1, 0], [0, 0]],
    ["by the name of nothing here", target({ resource_id: "service/main/x" }), [0, 0], [0, 0]],
    [
      "by an expression",
      target({}, { resource_id: true }, { resource_id: refersTo("aws_ecs_service.worker.name") }),
      [0, 0],
      [1, 0],
    ],
    ["by a local", target({}, { resource_id: true }, { resource_id: refersTo("local.id") }), [0, 1], [0, 1]],
    [
      "of another type",
      target({}, { resource_id: true }, { resource_id: refersTo("aws_dynamodb_table.x.id") }),
      [0, 0],
      [0, 0],
    ],
    ["without the attribute", target({}), [0, 0], [0, 0]],
  ])("%s", (_, referring, ofService, ofWorker) => {
    expect(referrers(referring)).toEqual([ofService, ofWorker])
  })

  test("is found in blocks", () => {
    const rule = created(
      "aws_cloudwatch_event_target.x",
      { ecs_target: [{ task_count: 1 }] },
      { ecs_target: [{ task_definition_arn: true }] },
      { ecs_target: [{ task_definition_arn: refersTo(`${API}.arn`) }] },
    )
    const { referrers, named } = contextOf([rule, task(API), OTHER])
    const of = (address: string) =>
      referrers(named(address), "aws_cloudwatch_event_target", "ecs_target.task_definition_arn", TASKS)
    expect(of(API).certain).toHaveLength(1)
    expect(of(OTHER.address)).toEqual({ certain: [], possible: [] })
  })
})
