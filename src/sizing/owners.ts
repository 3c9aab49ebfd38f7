import { entries } from "../validation/schema.ts"
import { textField } from "../validation/text-fields.ts"

/** The remedy for an unknown owner of connections. */
export const OWNER = "Give the name of a consumer, a job, a pooler or something reserved"

/** The owners of connections in the fleet, for those that their own name does not lead to. */
export const ownersShape = {
  applications: entries(textField(OWNER), {
    description:
      "The owner of each application_name that is not itself the name of a consumer, a job, a pooler or something reserved; a name that ends with * is a prefix",
  }),
  roles: entries(textField(OWNER), {
    description:
      "The owner of each role's connections that application_name leads to no owner, such as those of a provider's own roles; a name that ends with * is a prefix",
  }),
}
