import type { PoolConfigIssue } from "../error.ts"
import { type DatabaseUrl, parameterOf } from "./database-url.ts"
import type { Option } from "./option.ts"
import { type OptionValue, optionValue } from "./option-value.ts"
import { defaultConnectTimeout, defaultPoolTimeout, OPTIONS } from "./options.ts"

/** A row of the option table that a parameter of the URL sets. */
export type UrlOption = Option & { readonly parameter: string }

type Options = typeof OPTIONS
type UrlOptionName = { [K in keyof Options]: Options[K] extends UrlOption ? K : never }[keyof Options]

/** The values of a URL's parameters, each read by its row; the default where a parameter is absent. */
export type UrlValues = {
  readonly [K in UrlOptionName]:
    | OptionValue<Options[K]>
    | (Options[K] extends { default: unknown } ? never : undefined)
}

const isUrlOption = (entry: [string, Option]): entry is [UrlOptionName, UrlOption] => "parameter" in entry[1]

const ROWS = (Object.entries(OPTIONS) as [string, Option][]).filter(isUrlOption)

/** The rows that a parameter of the URL sets, in the table's order. */
export const URL_PARAMETERS: readonly UrlOption[] = ROWS.map(([, option]) => option)

/**
 * Reads the parameters of the table; each invalid one adds an issue.
 *
 * @param known values already read, together with the environment: these parameters are not read again
 */
export function readUrlValues(
  url: DatabaseUrl,
  issues: PoolConfigIssue[],
  known: Partial<UrlValues> = {},
): UrlValues {
  const values = ROWS.map(([name, option]) => {
    if (Object.hasOwn(known, name)) return [name, known[name]]
    const text = parameterOf(url, option.parameter)
    // `schema=` means no schema, rather than one without a name.
    const unset = text === undefined || (text === "" && option.kind === "text")
    const value = unset ? undefined : optionValue(option, option.parameter, text, issues)
    return [name, value ?? ("default" in option ? option.default : undefined)]
  })
  const read = Object.fromEntries(values) as UrlValues
  const isSet = (name: "poolTimeout" | "connectTimeout") =>
    (known[name] ?? parameterOf(url, OPTIONS[name].parameter)) !== undefined
  const poolTimeout = isSet("poolTimeout") ? read.poolTimeout : undefined
  const connectTimeout = isSet("connectTimeout") ? read.connectTimeout : defaultConnectTimeout(poolTimeout)
  return { ...read, connectTimeout, poolTimeout: poolTimeout ?? defaultPoolTimeout(connectTimeout) }
}
