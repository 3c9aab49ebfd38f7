// Reads many resources in a process of its own, whose heap has a bound, and says how many of them connect.
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { connecting, consumer, job, server } from "./resources.ts"

const resources = Array.from({ length: Number(process.argv[2]) }, (_, index): PlannedResource => {
  const { values = {}, ...own } = index % 2 === 0 ? consumer(`s${index}`) : job(`j${index}`)
  return { ...own, values: { name: `r${index}`, ...values }, before: values }
})
const json = JSON.parse(JSON.stringify(plan([server("main"), ...resources])))
console.log(connecting(fleetFromTerraform(json)).length)
