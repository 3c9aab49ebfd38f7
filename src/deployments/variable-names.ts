import { databaseOf } from "../config/database-variables.ts"
import { type Reader, refused } from "../validation/problem.ts"

/** The name of a variable. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Reads the name of a variable. */
export const readVariable: Reader<string> = (value) =>
  typeof value === "string" && VARIABLE_NAME.test(value)
    ? value
    : refused(value, "Give the name of a variable that holds the database's URL")

const MARKER = "Give the name of a variable with a part of the database's address, such as DB_HOST"

/** Reads the name of a variable that marks a consumer. */
export const readMarker: Reader<string> = (value) => {
  if (typeof value !== "string" || !VARIABLE_NAME.test(value)) return refused(value, MARKER)
  return databaseOf(value) === undefined
    ? value
    : { problem: `is ${value}, which holds a URL`, remedy: "Give it with --database, or add it to keys" }
}

const SIZE_VARIABLE = "Give the name of the variable that states the pool size, such as DB_POOL_SIZE"

/** Reads the name of the variable that states a size. */
export const readSizeVariable: Reader<string> = (value) =>
  typeof value === "string" && VARIABLE_NAME.test(value) ? value : refused(value, SIZE_VARIABLE)
