// Throws a PoolConfigError from each subpath in each format, and asks every other one whether it is theirs.
import { createRequire } from "node:module"

const require = createRequire(import.meta.url)
const throwing = {
  "prisma-pool-config": ({ createPool }) => createPool("nonsense"),
  "prisma-pool-config/config": ({ readPoolSettings }) => readPoolSettings({}),
  "prisma-pool-config/sizing": ({ connectionLimitBySlots }) => connectionLimitBySlots({}),
  "prisma-pool-config/deployments": ({ fleetFromTerraform }) => fleetFromTerraform({}),
}

const copies = []
for (const [name, misuse] of Object.entries(throwing)) {
  for (const [format, exports] of Object.entries({ esm: await import(name), cjs: require(name) })) {
    copies.push({ name: `${name} (${format})`, PoolConfigError: exports.PoolConfigError, misuse, exports })
  }
}

function thrownBy({ misuse, exports }) {
  try {
    misuse(exports)
  } catch (error) {
    return error
  }
}

const unrecognised = copies.flatMap((thrower) =>
  copies
    .filter(({ PoolConfigError }) => !(thrownBy(thrower) instanceof PoolConfigError))
    .map((catcher) => `${thrower.name} by ${catcher.name}`),
)
const mistaken = copies
  .filter(({ PoolConfigError }) => new Error("another one") instanceof PoolConfigError)
  .map(({ name }) => name)
console.log(JSON.stringify({ copies: copies.length, unrecognised, mistaken }))
