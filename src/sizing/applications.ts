import { entries } from "../validation/schema.ts"
import { textField } from "../validation/text-fields.ts"

/** Whose an application's connections may be. */
export const OWNER = "Give the name of a consumer, a job or something reserved"

/** Owners by `application_name`, beside a fleet. */
export const applicationsField = entries(textField(OWNER), {
  description:
    "Whose connections an application's are, by its application_name, where that is not the name of a consumer, a job or something reserved; one that ends with * is for all that begin so",
})
