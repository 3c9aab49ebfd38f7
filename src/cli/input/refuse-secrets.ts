import { PoolConfigError } from "../../error.ts"

/** A database's URL with a user or a key in it: a password cannot be told from what surrounds it. */
const SECRET_URL = /\b(?:postgres(?:ql)?|prisma(?:\+postgres)?):\/\/\S*(?:@|[?&](?:password|api_key)=)/i

/**
 * Refuses an argument that is a URL with a password. No flag takes one, and whatever a flag says about its value would
 * print it.
 *
 * @throws PoolConfigError without the argument
 */
export function refuseSecrets(args: readonly string[]): void {
  if (!args.some((each) => SECRET_URL.test(each))) return
  throw new PoolConfigError([
    {
      name: "arguments",
      problem: "have a URL with a password, which every user of this machine can see while the command runs",
      remedy: "Put the URL into a variable, and give its name: --connect MONITORING_URL",
    },
  ])
}
