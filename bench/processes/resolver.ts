// A name that moves from one address to another, which only the owner of a zone could show otherwise: this process's resolver
// reads the address of BENCH_NAME from a file, each time that it is asked. Everything behind it is real.
import dns from "node:dns"
import { readFileSync } from "node:fs"

const lookup = dns.lookup
const moving = (host: string, options: unknown, callback: unknown) => {
  const { BENCH_NAME: name, BENCH_ADDRESS_FILE: file } = process.env
  const address = host === name && file !== undefined ? readFileSync(file, "utf8").trim() : host
  return (lookup as (...args: unknown[]) => void)(address, options, callback)
}
dns.lookup = moving as typeof dns.lookup
