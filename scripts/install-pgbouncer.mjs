import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** The Debian release that has each version; `current` moves with the release that comes next. */
export const PGBOUNCERS = { 1.24: "trixie", current: "forky" }

/** PgBouncer with the libraries that it loads, the C library among them: those of the machine are older. */
const PACKAGES = [
  "pgbouncer",
  ...["libc6", "libcares2", "libevent-2.1-7t64", "libldap2", "libpam0g", "libsasl2-2", "libssl3t64"],
  ...["libaudit1", "libcap-ng0", "libcap2", "libgcc-s1", "libsystemd0", "libzstd1", "zlib1g"],
]

/**
 * Installs a version of PgBouncer in a directory, beside the machine's own packages, once. `bin/pgbouncer` in it runs it.
 * False where that is not possible: it needs apt, with Debian among its sources.
 */
export function installPgBouncer(version, directory) {
  if (existsSync(directory)) return true
  const unfinished = `${directory}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  for (const name of ["bin", "debs", "root", "lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(unfinished, name), { recursive: true })
  }
  const done = download(PGBOUNCERS[version], unfinished) && unpack(unfinished, directory)
  if (done) renameSync(unfinished, directory)
  return done
}

/** Takes the packages from the mirror that the machine has its own from, with apt's lists in a place of their own. */
function download(release, directory) {
  const format = "$(ORIGIN) $(REPO_URI)"
  const { stdout } = spawnSync("apt-get", ["indextargets", "--format", format, "Created-By: Packages"])
  const mirror = /^Debian (\S+\/debian\/)$/m.exec(String(stdout))?.[1]
  if (mirror === undefined) return false
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
  writeFileSync(join(directory, "sources.list"), `deb [signed-by=${keyring}] ${mirror} ${release} main\n`)
  writeFileSync(join(directory, "status"), "")
  const places = {
    "Dir::Etc::sourcelist": join(directory, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State::lists": join(directory, "lists"),
    "Dir::State::status": join(directory, "status"),
    "Dir::Cache": join(directory, "cache"),
    // Its own user could not enter the folder.
    "APT::Sandbox::User": "",
  }
  const options = Object.entries(places).flatMap(([name, value]) => ["-o", `${name}=${value}`])
  const into = join(directory, "debs")
  return (
    run("apt-get", ["-qq", ...options, "update"], into) &&
    run("apt-get", ["-qq", ...options, "download", ...PACKAGES], into)
  )
}

/** Unpacks the packages, and writes the program that starts PgBouncer with their libraries. */
function unpack(unfinished, directory) {
  const root = join(unfinished, "root")
  const packages = readdirSync(join(unfinished, "debs"))
  if (!packages.every((name) => run("dpkg-deb", ["-x", join("debs", name), root], unfinished))) return false
  for (const name of ["debs", "lists", "cache"]) rmSync(join(unfinished, name), { recursive: true })
  const libraries = readdirSync(join(root, "usr/lib"), { recursive: true, encoding: "utf8" })
  const loader = libraries.find((name) => /\/ld-linux[^/]*\.so\.\d$/.test(name))
  if (loader === undefined) return false
  const lib = join(directory, "root/usr/lib")
  const program = join(unfinished, "bin/pgbouncer")
  const command = `exec "${lib}/${loader}" --library-path "${join(lib, loader, "..")}" "${join(lib, "../sbin/pgbouncer")}" "$@"`
  writeFileSync(program, `#!/bin/sh\n${command}\n`)
  chmodSync(program, 0o755)
  return true
}

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] }).status === 0
}
