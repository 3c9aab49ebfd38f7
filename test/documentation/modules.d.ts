// What the quick starts use of packages that are not installed here, as those declare it.

declare module "express" {
  export interface Request {
    readonly method: string
  }
  export interface Response {
    status(code: number): this
    set(name: string, value: string): this
    json(body: unknown): this
  }
  export type NextFunction = (error?: unknown) => void
  interface Application {
    get(path: string, handler: (request: Request, response: Response) => unknown): this
    use(handler: (error: unknown, request: Request, response: Response, next: NextFunction) => unknown): this
    listen(port: number): import("node:http").Server
  }
  export default function express(): Application
}

declare module "@nestjs/common" {
  export const Injectable: () => ClassDecorator
  export interface OnModuleInit {
    onModuleInit(): unknown
  }
  export interface OnModuleDestroy {
    onModuleDestroy(): unknown
  }
}

declare module "@vercel/functions" {
  export function attachDatabasePool(pool: import("pg").Pool): void
}

declare module "@prisma/orm-postgres/runtime" {
  export default function postgres<Contract>(options: {
    readonly contractJson: unknown
    readonly pg: import("pg").Pool
    readonly verifyMarker?: false | "onFirstUse"
  }): { readonly contract: Contract }
}

declare module "*/generated/contract.json" {
  const contract: unknown
  export default contract
}

declare module "*/generated/contract.d.ts" {
  export interface Contract {
    readonly target: "postgres"
  }
}
