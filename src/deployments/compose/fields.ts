import { type PoolConfigIssue, receivedArgument } from "../../error.ts"
import { isIntegerInRange, MAX_COUNT } from "../../validation/numbers.ts"
import { isPlain } from "../../validation/plain-object.ts"
import { field } from "../json-value.ts"

/** The command whose output is read. Without the profiles, services drop out without a word. */
export const PRINT = "docker compose --profile '*' config --format json"

export const REMEDY = `Give the output of \`${PRINT}\``

/** A variable of the environment: undefined if it has no value. */
export type Variable = readonly [name: string, value: string | undefined]

/** The fields of an object in a compose file. A value of the wrong type is reported with its path, and is left out. */
export class Fields {
  readonly #values: unknown
  readonly #path: string
  readonly #issues: PoolConfigIssue[]

  constructor(values: unknown, path: string, issues: PoolConfigIssue[]) {
    this.#values = values
    this.#path = path
    this.#issues = issues
  }

  /** Undefined if it is omitted or null. */
  get(name: string): unknown {
    return field(this.#values, name) ?? undefined
  }

  /** Reports a field that has a value it cannot have. The value is not shown: it may be a secret. */
  report(name: string, problem = "is not what compose has there", remedy = REMEDY): void {
    this.#issues.push({ name: `${this.#path}.${name}`, problem, remedy })
  }

  /** Empty if it is omitted. */
  text(name: string): string {
    const value = this.get(name)
    if (typeof value === "string") return unescaped(value)
    if (value !== undefined) this.report(name)
    return ""
  }

  /** Reads one string, or an array of them. */
  texts(name: string): readonly string[] {
    const value = this.get(name)
    if (value === undefined) return []
    if (typeof value === "string") return [unescaped(value)]
    if (Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number"))
      return value.map((item) => unescaped(String(item)))
    this.report(name)
    return []
  }

  /** Reads one of some words; undefined if it is omitted. */
  word<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.get(name)
    const word = words.find((each) => each === value)
    if (value !== undefined && word === undefined)
      this.report(name, receivedArgument(value), `Use one of ${words.join(", ")}`)
    return word
  }

  /** Reads a count, which compose also takes as a string; undefined if it is omitted. */
  count(name: string): number | undefined {
    const value = this.get(name)
    const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value
    if (isIntegerInRange(number, { min: 0, max: MAX_COUNT })) return number + 0
    if (value !== undefined)
      this.report(name, receivedArgument(value), `Give a whole number from 0 to ${MAX_COUNT}`)
    return undefined
  }

  /** Reads an object; without fields if it is omitted. */
  object(name: string): Fields {
    const value = this.get(name)
    if (value !== undefined && !isPlain(value)) this.report(name)
    return new Fields(isPlain(value) ? value : {}, `${this.#path}.${name}`, this.#issues)
  }

  /** Reads the objects of a map, by name; null stands for one without fields. */
  map(name: string): readonly (readonly [name: string, fields: Fields])[] {
    const value = this.get(name)
    if (value === undefined) return []
    if (!isPlain(value)) {
      this.report(name)
      return []
    }
    const of = this.object(name)
    return Object.keys(value).map((key) => [key, of.object(key)])
  }

  /** Reads an array of objects, which may be short: a string in place of an object. */
  list<Short>(name: string, short: (text: string) => Short): readonly (Fields | Short)[] {
    const value = this.get(name)
    if (value !== undefined && !Array.isArray(value)) this.report(name)
    return (Array.isArray(value) ? value : []).flatMap((item: unknown, index): (Fields | Short)[] => {
      if (typeof item === "string") return [short(unescaped(item))]
      if (isPlain(item)) return [new Fields(item, `${this.#path}.${name}[${index}]`, this.#issues)]
      this.report(`${name}[${index}]`)
      return []
    })
  }

  /** Reads variables, in a map or in an array of `NAME=value`. */
  variables(name: string): readonly Variable[] {
    const value = this.get(name)
    if (value === undefined) return []
    if (Array.isArray(value)) {
      return value.flatMap((item: unknown, index): Variable[] => {
        if (typeof item === "string") return [pairOf(item)]
        this.report(`${name}[${index}]`)
        return []
      })
    }
    if (!isPlain(value)) {
      this.report(name)
      return []
    }
    return Object.entries(value).flatMap(([variable, item]): Variable[] => {
      if (item === null || item === undefined) return [[variable, undefined]]
      if (["string", "number", "boolean"].includes(typeof item)) return [[variable, unescaped(String(item))]]
      this.report(`${name}.${variable}`)
      return []
    })
  }
}

function pairOf(text: string): Variable {
  const end = text.indexOf("=")
  return end < 0 ? [text, undefined] : [text.slice(0, end), unescaped(text.slice(end + 1))]
}

/** Compose doubles every dollar sign that is not a variable's. */
const unescaped = (text: string): string => text.replaceAll("$$", () => "$")
