import { config } from "zod/mini"

// A policy without eval reports that zod tries it, although it does without.
config({ jitless: true })
