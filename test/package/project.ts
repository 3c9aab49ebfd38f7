import { execFile } from "node:child_process"
import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

type Environment = Readonly<Record<string, string>>

/** What runs users' code: in CI the oldest Node.js that is supported, and then the newest. */
export const NODE = process.env["PACKAGE_NODE"] ?? process.execPath

/** What the next Node.js takes away ends the process, and so fails the test, on the newest that is there. */
const FLAGS = ["--throw-deprecation", "--pending-deprecation"]

/** How a command ended, and what it printed. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

const scenarios = fileURLToPath(new URL("scenarios", import.meta.url))

/** A directory outside the repository, by its real path: macOS reaches its own through a symbolic link. */
export async function temporaryDirectory(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), "prisma-pool-config-package-")))
}

export async function removeDirectory(directory: string | undefined): Promise<void> {
  if (directory !== undefined) await rm(directory, { recursive: true, force: true, maxRetries: 3 })
}

/** A user's project: what its `package.json` asks for is installed from the registry, and nothing else. */
export class Project {
  readonly directory: string

  private constructor(directory: string) {
    this.directory = directory
  }

  /** `npm install` of these versions in an empty directory. */
  static async install(directory: string, dependencies: Readonly<Record<string, string>>): Promise<Project> {
    const project = await Project.empty(directory, dependencies)
    // Prisma's install scripts would fetch engines, which none of these clients uses.
    await npm(["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], directory)
    return project
  }

  /** The same directory before anything is installed. */
  static async empty(directory: string, dependencies: Readonly<Record<string, string>>): Promise<Project> {
    const project = new Project(directory)
    await project.write("package.json", JSON.stringify({ private: true, dependencies }))
    return project
  }

  /** The names of the installed packages, nested ones included. */
  async installed(): Promise<string[]> {
    const lock = JSON.parse(await readFile(this.path("node_modules/.package-lock.json"), "utf8"))
    return Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, ""))
  }

  async write(file: string, content: string): Promise<void> {
    await mkdir(dirname(this.path(file)), { recursive: true })
    await writeFile(this.path(file), content)
  }

  /** Runs a file of `scenarios/` from a folder of the project; returns the JSON that it prints. */
  async run<Result>(
    scenario: string,
    args: readonly string[] = [],
    { folder = ".", env = {} }: { readonly folder?: string; readonly env?: Environment } = {},
  ): Promise<Result> {
    const script = this.path(folder, scenario)
    await mkdir(dirname(script), { recursive: true })
    await copyFile(join(scenarios, scenario), script)
    return JSON.parse(await execute(NODE, [...FLAGS, script, ...args], this.directory, env))
  }

  /** Runs the package's command, as `npx` would. */
  command(args: readonly string[], env: Environment = {}): Promise<Ended> {
    const bin = this.path("node_modules/prisma-pool-config/dist/cli/bin.js")
    const options = { cwd: this.directory, env: { ...process.env, NO_COLOR: "", ...env } }
    return new Promise((resolve) => {
      execFile(NODE, [...FLAGS, bin, ...args], options, (error, out, err) =>
        resolve({
          code: typeof error?.code === "number" ? error.code : error === null ? 0 : Number.NaN,
          out,
          err,
        }),
      )
    })
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts)
  }
}

/** What TypeScript has to say of a `tsconfig.json`: nothing when all is well. */
export async function compile(typescript: string, tsconfig: string): Promise<string> {
  const tsc = join(typescript, "bin/tsc")
  return node([tsc, "--project", tsconfig, "--pretty", "false"], dirname(tsconfig)).catch(
    (error: CommandError) => error.output,
  )
}

export function node(args: readonly string[], cwd: string, env: Environment = {}): Promise<string> {
  return execute(process.execPath, args, cwd, env)
}

export function npm(args: readonly string[], cwd: string): Promise<string> {
  return execute("npm", args, cwd, {})
}

class CommandError extends Error {
  readonly output: string

  constructor(command: string, output: string) {
    super(`${command}\n${output}`)
    this.output = output
  }
}

function execute(command: string, args: readonly string[], cwd: string, env: Environment): Promise<string> {
  // npm is a shell script on Windows.
  const shell = command === "npm" && process.platform === "win32"
  const options = { cwd, shell, env: { ...process.env, ...env }, maxBuffer: 32 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new CommandError([command, ...args].join(" "), stdout + stderr || error.message))
    })
  })
}
