import type { Platform } from "../platform.ts"
import { app, flexApp, slot } from "./azure-app-service.ts"
import { containerApp, containerAppJob } from "./azure-container-apps.ts"
import { flexibleServer } from "./azure-postgres.ts"
import { AUTOSCALE, SERVICE_PLAN } from "./azure-service-plan.ts"

/**
 * Container Apps, App Service, Functions and flexible servers of Azure Database for PostgreSQL.
 *
 * https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs
 */
export const azure: Platform = {
  name: "Azure",
  workloads: {
    azurerm_container_app: containerApp,
    azurerm_container_app_job: containerAppJob,
    azurerm_linux_web_app: app("web"),
    azurerm_windows_web_app: app("web"),
    azurerm_linux_web_app_slot: slot("web", "azurerm_linux_web_app", "app_service_id"),
    azurerm_windows_web_app_slot: slot("web", "azurerm_windows_web_app", "app_service_id"),
    azurerm_linux_function_app: app("function"),
    azurerm_windows_function_app: app("function"),
    azurerm_linux_function_app_slot: slot("function", "azurerm_linux_function_app", "function_app_id"),
    azurerm_windows_function_app_slot: slot("function", "azurerm_windows_function_app", "function_app_id"),
    azurerm_function_app_flex_consumption: flexApp,
  },
  notations: { azurerm_container_app: "block", azurerm_container_app_job: "block" },
  servers: { azurerm_postgresql_flexible_server: flexibleServer },
  starters: {},
  attached: { [SERVICE_PLAN]: [], [AUTOSCALE]: [] },
  sharedEnvironments: [],
}
