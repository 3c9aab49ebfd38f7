import fc from "fast-check"
import { runs, SEED } from "./properties.ts"

fc.configureGlobal({ seed: SEED, ...runs(100) })
