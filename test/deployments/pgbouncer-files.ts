import { readPgBouncer } from "../../src/deployments/pgbouncer/read-pgbouncer.ts"

/** Files by the path that another one names them with. */
export type Files = Readonly<Record<string, string>>

/** Reads a `pgbouncer.ini`, of a minor version where one is given. */
export const pgbouncer = (text: string, { files = {}, version }: { files?: Files; version?: number } = {}) =>
  readPgBouncer("pgbouncer", { name: "pgbouncer.ini", text }, version, (path) => {
    const found = files[path]
    return found === undefined ? undefined : { name: path, text: found }
  })

/** The one that PgBouncer itself comes with, 1.26: every line that is no comment, and the comments between them. */
export const SAMPLE = `;;;
;;; PgBouncer configuration file
;;;

;; database name = connect string
;;
;; connect string params:
;;   dbname= host= port= user= password= auth_user=
[databases]

;; foodb over Unix socket
;foodb =

;; redirect bardb to bazdb on localhost
bardb = host=localhost dbname=bazdb

;; access to dest database will go with single user
forcedb = host=localhost port=300 user=baz password=foo client_encoding=UNICODE datestyle=ISO connect_query='SELECT 1'

;; use custom pool sizes
nondefaultdb = pool_size=50 reserve_pool_size=10

;; use auth_user with auth_query if user not present in auth_file
;; auth_user must exist in auth_file
foodb = auth_user=bar

;; run auth_query on a specific database.
bazdb = auth_dbname=foodb max_db_client_connections=10

;; fallback connect string
* = host=testserver

;; User-specific configuration
[users]

user1 = pool_size=5 reserve_pool_size=2 pool_mode=transaction max_user_connections=10 max_user_client_connections=20

;; Configuration section
[pgbouncer]

logfile = /var/log/pgbouncer/pgbouncer.log
pidfile = /var/run/pgbouncer/pgbouncer.pid

;; IP address or * which means all IPs
listen_addr = localhost
listen_port = 6432
unix_socket_mode = 0777

auth_type = md5
auth_file = /etc/pgbouncer/userlist.txt
admin_users = user2, someadmin, otheradmin

ignore_startup_parameters = extra_float_digits
server_check_query = select 1
track_extra_parameters = IntervalStyle

; how many additional connection to allow in case of trouble
reserve_pool_size = 0
`
