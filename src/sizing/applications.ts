import { entries } from "../validation/schema.ts"
import { textField } from "../validation/text-fields.ts"

/** The remedy for an unknown owner of an application's connections. */
export const OWNER = "Give the name of a consumer, a job or something reserved"

/** Maps `application_name` to its owner in the fleet. */
export const applicationsField = entries(textField(OWNER), {
  description:
    "The owner of each application_name that is not itself the name of a consumer, a job or something reserved; a name that ends with * is a prefix",
})
