import { isDeepStrictEqual } from "node:util"
import { describe, expect, test } from "vitest"
import { PoolConfigError } from "../../src/error.ts"
import type { PlannedResource } from "../support/terraform-plan.ts"
import {
  at,
  type Field,
  fieldsOf,
  type Judged,
  judgedIn,
  judgedOrRefused,
  nameOf,
  planOf,
  planWithNull,
  planWithSensitive,
} from "./every-field.ts"

/** A fleet, and what it comes to, computed by hand. */
export interface Fleet {
  readonly name: string
  /** Its resources, by the connections of the server, or by another number that decides whether it fits. */
  readonly resources: (number: number) => readonly PlannedResource[]
  readonly steady: readonly [lowest: number, highest: number]
  readonly deploy: readonly [lowest: number, highest: number]
  /** Numbers with which it fits and does not fit; by default the ceilings that the sums make. */
  readonly numbers?: { readonly fits: number; readonly fails: number }
  /** Fields that count otherwise in this fleet where they are known only after apply, and as what. */
  readonly computed?: Known
}

type Known = readonly (readonly [fields: RegExp, says: string])[]

export interface Exceptions {
  /** Fields, by type and attributes, where a null says that there is less, and what it says. */
  readonly nulls: Known
  /** Blocks that a provider fills in where the code omits them: one that is known only after apply looks the same. */
  readonly computed?: Known
}

const ENOUGH = 1_000

export function fieldByField(platform: string, fleets: readonly Fleet[], exceptions: Exceptions): void {
  describe.each(fleets)(`${platform}, $name:`, (fleet) => {
    const { fits, fails } = fleet.numbers ?? ceilingsOf(fleet)

    test("its sums", () => {
      const { steady, deploy } = judgedIn(planOf(fleet.resources(fits)))
      expect([steady, deploy]).toEqual([fleet.steady, fleet.deploy])
      expect(judgedIn(planOf(fleet.resources(fits))).verdict).toBe("fits")
      expect(judgedIn(planOf(fleet.resources(fails))).verdict).toBe("does not fit")
    })

    const problemsOf = (resources: Resources, known: Known, problems: (field: Field) => readonly string[]) =>
      Object.fromEntries(
        fieldsOf(resources)
          .filter((field) => !known.some(([fields]) => fields.test(typeOf(field))))
          .map((field): [string, readonly string[]] => [nameOf(field), problems(field)])
          .filter(([, found]) => found.length > 0),
      )

    test("it is never better with a field that is known only after apply, whether it fits or not", () => {
      const [fitting, failing] = [fleet.resources(fits), fleet.resources(fails)]
      const [fine, failed] = [judgedIn(planOf(fitting)), judgedIn(planOf(failing))]
      const better = (field: Field) => {
        const found = judgedOrRefused(planOf(fitting, field))
        // What changes nothing changes nothing at another ceiling.
        if (isDeepStrictEqual(found, fine)) return []
        return [...worse(fine, found), ...worse(failed, judgedOrRefused(planOf(failing, field)))]
      }
      expect(
        problemsOf(fitting, [...(exceptions.computed ?? []), ...(fleet.computed ?? [])], better),
      ).toEqual({})
    })

    test("it is the same where every field is sensitive", () => {
      const resources = fleet.resources(fits)
      expect(judgedIn(planWithSensitive(resources))).toEqual(judgedIn(planOf(resources)))
    })

    test("it has less with a null only where that says so, or what is assumed is named", () => {
      const resources = fleet.resources(fits)
      const truth = judgedIn(planOf(resources))
      const less = (field: Field) => {
        const own = resources.find(({ address }) => address === field.address)
        if (at(own?.values, field.path) === null) return []
        return lessWithoutWord(truth, judgedOrRefused(planWithNull(resources, field)), field)
      }
      expect(problemsOf(resources, [UNSET, ...exceptions.nulls], less)).toEqual({})
    })
  })
}

type Resources = readonly PlannedResource[]

const UNSET = [
  /\.(env|environment|variables|(runtime_)?environment_variables|app_settings|containers?)(\.|$)/,
  "a variable that is not set",
] as const

/** The ceilings that a fleet just fits into, and that it is just too large for. */
function ceilingsOf({ resources }: Fleet) {
  const { steady, deploy, usable } = judgedIn(planOf(resources(ENOUGH)))
  const kept = ENOUGH - usable[1]
  return { fits: deploy[1] + kept, fails: steady[0] - 1 + kept }
}

const typeOf = ({ address, path }: Field) =>
  [address.split(".")[0], ...path.filter((key) => typeof key === "string")].join(".")

/** In what a plan that hides something comes out better than the truth, or is surer of worse. */
function worse(truth: Judged, found: Judged | PoolConfigError): string[] {
  if (found instanceof PoolConfigError) return [found.message]
  const problems: string[] = []
  for (const sum of ["steady", "deploy"] as const) {
    if (found[sum][0] > truth[sum][0]) problems.push(`lowest ${sum} ${found[sum][0]}, truly ${truth[sum][0]}`)
    if (found[sum][1] < truth[sum][1] && !found.isUnbounded)
      problems.push(`highest ${sum} ${found[sum][1]}, truly ${truth[sum][1]}`)
  }
  if (found.usable[0] < truth.usable[0])
    problems.push(`at most usable ${found.usable[0]}, truly ${truth.usable[0]}`)
  if (found.usable[1] > truth.usable[1])
    problems.push(`at least usable ${found.usable[1]}, truly ${truth.usable[1]}`)
  if (found.verdict !== truth.verdict && found.verdict !== "unknown")
    problems.push(`${found.verdict}, truly ${truth.verdict}`)
  return problems
}

/** In what a plan with a null has less than without it, if it names nothing that it assumes, and nothing unknown. */
function lessWithoutWord(truth: Judged, found: Judged | PoolConfigError, { address }: Field): string[] {
  // Terraform prints no null where the provider demands a value: an error is fine, as long as it names the place.
  if (found instanceof PoolConfigError) return found.message.includes(address) ? [] : [found.message]
  const isNamed = found.isUnbounded || found.named.some((name) => !truth.named.includes(name))
  if (isNamed) return []
  return (["steady", "deploy"] as const).flatMap((sum) =>
    found[sum][1] < truth[sum][1] ? [`highest ${sum} ${found[sum][1]}, before ${truth[sum][1]}`] : [],
  )
}
