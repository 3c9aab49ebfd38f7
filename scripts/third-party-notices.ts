// `THIRD-PARTY-NOTICES`: the licences of the packages that the build copies into `dist`.
import { readdirSync, readFileSync } from "node:fs"
import { BUNDLED } from "../tsup.config.ts"

export function thirdPartyNotices(): string {
  const notices = BUNDLED.map((name) => {
    const directory = new URL(`../node_modules/${name}/`, import.meta.url)
    const licence = readdirSync(directory).find((file) => /^licen[cs]e(\.|$)/i.test(file))
    if (licence === undefined) throw new Error(`${name} has no file with its licence`)
    return `${name}\n\n${readFileSync(new URL(licence, directory), "utf8").replaceAll("\r\n", "\n").trim()}\n`
  })
  return ["The package has copies of these libraries in it, each under its own licence.\n", ...notices].join(
    `\n${"-".repeat(80)}\n\n`,
  )
}
