import { execFile } from "node:child_process"
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import { compose, consumer as composeConsumer, postgres } from "../deployments/compose-file.ts"
import { consumer, namespace, server } from "../deployments/resources.ts"
import { directoryWith } from "../support/command.ts"
import { plan } from "../support/terraform-plan.ts"
import { blocksOf, page, root } from "./pages.ts"

interface Step {
  readonly run?: string
  readonly shell?: string
}

interface Workflow {
  readonly jobs?: Readonly<
    Record<string, { readonly defaults?: { readonly run?: Step }; readonly steps: readonly Step[] }>
  >
}

/** Every step of a recipe that runs the command, with the shell that GitHub gives it. */
const steps = blocksOf(page("docs/ci.md"), "yaml").flatMap(
  (block): { run: string; shell: string | undefined }[] => {
    const recipe = parse(block) as Workflow | readonly Step[] | Readonly<Record<string, { script: string[] }>>
    const all = Array.isArray(recipe)
      ? (recipe as readonly Step[])
      : Object.values((recipe as Workflow).jobs ?? {}).flatMap(({ defaults, steps: own }) =>
          own.map((step) => ({ shell: defaults?.run?.shell, ...step })),
        )
    return all.flatMap(({ run, shell }) =>
      run?.includes("prisma-pool-config")
        ? [{ run: run.replaceAll(/\$\{\{.*?\}\}/g, "").trim(), shell }]
        : [],
    )
  },
)

const manifests = await readFile(join(root, "examples/kubernetes/api.yaml"), "utf8")
const database = await readFile(join(root, "examples/kubernetes/database.yaml"), "utf8")
const rendered = `${database}---\n${manifests}`
/** The same without what `helm template` leaves out. */
const chart = rendered.replaceAll(", namespace: missions", "").replaceAll("  namespace: missions\n", "")

const DECLARATION = JSON.stringify({
  maxConnections: 100,
  consumers: { api: { instances: 1, poolSize: 5 } },
})

const OUTPUTS: Readonly<Record<string, string>> = {
  argocd: rendered,
  docker: JSON.stringify(compose({ db: postgres(), api: composeConsumer() })),
  gh: "",
  git: DECLARATION,
  helm: chart,
  kubectl: rendered,
  kustomize: rendered,
  terraform: JSON.stringify(plan([server("main"), namespace, consumer("api")])),
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  /** The lines with which the programs were called. */
  readonly calls: readonly string[]
}

/** The output of a program that fails half-way. Of manifests these are whole documents, which is what makes it dangerous. */
function halfOf(output: string): string {
  const documents = output.split("---\n")
  return documents.length > 1 ? documents.slice(0, 2).join("---\n") : output.slice(0, output.length / 2)
}

/**
 * Runs the script of a step as a runner does, with programs that print what they would, and note how they were called.
 *
 * @param broken a program that prints half of it, and fails
 */
async function runStep(script: string, shell: string | undefined, broken = ""): Promise<Ran> {
  const hasDocuments = /--(terraform|kubernetes|compose|config)\b/.test(script)
  const hasTwo = script.includes("--terraform plan.json --kubernetes")
  const outputs = { ...OUTPUTS, ...(hasTwo ? { kustomize: manifests } : {}) }
  const cwd = await directoryWith({
    ...(hasDocuments ? {} : { "pool.config.json": DECLARATION }),
    ...Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => [
        `${name}.out`,
        name === broken ? halfOf(output) : output,
      ]),
    ),
  })
  const bin = join(cwd, "bin")
  await mkdir(bin)
  const executable = async (name: string, lines: string) => {
    await writeFile(join(bin, name), `#!/bin/sh\n${lines}\n`)
    await chmod(join(bin, name), 0o755)
  }
  for (const name of Object.keys(outputs)) {
    const print = name === "git" ? `[ "$1" != show ] || cat ${cwd}/git.out` : `cat ${cwd}/${name}.out`
    await executable(name, `echo "${name} $*" >> ${cwd}/calls\n${print}${name === broken ? "\nexit 1" : ""}`)
  }
  const tsx = import.meta.resolve("tsx")
  const main = join(root, "src/cli/bin.ts")
  await executable(
    "npx",
    `[ "$1" = prisma-pool-config ] && shift && exec "${process.execPath}" --import "${tsx}" "${main}" "$@"`,
  )
  const file = join(cwd, "step.sh")
  await writeFile(file, script)
  // https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
  const flags = shell === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"]
  const env = { PATH: `${bin}:${process.env["PATH"]}`, GITHUB_SHA: "0123abc", GITHUB_ACTIONS: "true" }
  const ended = await new Promise<Omit<Ran, "calls">>((resolve) => {
    execFile("bash", [...flags, file], { cwd, env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
  const calls = await readFile(join(cwd, "calls"), "utf8").catch(() => "")
  return { ...ended, calls: calls.split("\n").filter(Boolean) }
}

/** The words of a line, as a program gets them. */
const plain = (line: string) =>
  line
    .replaceAll(/['"\\]/g, "")
    .replace("$GITHUB_SHA", "0123abc")
    .replaceAll(/\s+/g, " ")

const titled = steps.map(({ run, shell }) => ({ title: run.split("\n")[0] ?? "", run, shell }))

describe("the recipes of docs/ci.md, with stand-ins for kubectl, kustomize, helm, argocd, docker, terraform, gh and git, which cannot be run here:", () => {
  test("there is one for each format", () => {
    for (const each of [
      "--terraform -",
      "--kubernetes -",
      "--compose -",
      "--terraform plan.json --kubernetes -",
    ])
      expect(steps.some(({ run }) => run.includes(each))).toBe(true)
  })

  test.each(titled.filter(({ run }) => run.includes("| npx") || run.includes("|\n")))(
    "a pipe has a shell with pipefail: $title",
    ({ shell }) => expect(shell).toBe("bash"),
  )

  test.each(titled)("$title", async ({ run, shell }) => {
    const { code, out, err, calls } = await runStep(run, shell)
    expect({ code, err: err.replace("Using pool.config.json\n", "") }).toEqual({ code: 0, err: "" })
    if (run.includes("--format github"))
      expect(out).toMatch(/^::(notice|warning) title=Connection budget::fits: /m)
    for (const call of calls) expect(plain(run)).toContain(plain(call))
  })

  test.each(
    titled.flatMap((each) => {
      const [, program = ""] =
        /(kubectl|kustomize|helm|argocd|docker|terraform)[^|]*\|\s*npx/.exec(each.run) ?? []
      return program === "" || each.run.includes("|| true") ? [] : [{ ...each, program }]
    }),
  )("fails where $program fails half-way: $title", async ({ run, shell, program }) => {
    expect((await runStep(run, shell, program)).code).not.toBe(0)
  })

  test("without pipefail half a stream of manifests would fit", async () => {
    const streams = titled.filter(({ run }) => run.startsWith("kustomize"))
    expect(streams).toHaveLength(1)
    for (const { run } of streams) expect((await runStep(run, undefined, "kustomize")).code).toBe(0)
  })
})
