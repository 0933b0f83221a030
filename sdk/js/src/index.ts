/**
 * What an application declares, and what its handlers get, give and use.
 *
 * The default export of `index.ts` is the application; `nimbus deploy` makes it real.
 */
export { Nimbus, Nimbus as default } from './app.js';
export type { NimbusOptions, Region } from './app.js';
export { runtime } from './helpers.js';
export type { Runtime } from './helpers.js';
export type { Api, ApiOptions, Method, RouteOptions } from './kinds/api.js';
export type {
    ApiEvent, ApiResponse, Handler, HeaderValue, PathParameters, RequestContext,
} from './kinds/api_event.js';
export type { Callback, Context } from './kinds/context.js';
export type {
    Architecture, FunctionOptions, FunctionSettings, LambdaFunction, LogRetention, PolicyStatement,
} from './kinds/function.js';
export type { Secret, SecretOptions } from './kinds/secret.js';
export type { SqlDatabase, SqlOptions } from './kinds/sql.js';
export type { ScheduledEvent, Timer, TimerOptions } from './kinds/timer.js';
export type { ReadOptions, Secrets } from './secrets/secrets.js';
export { SqlError } from './sql/sql_error.js';
export type {
    PgOptions, PgPool, PgPoolConfig, PostgresJsOptions, SqlParameter, SqlQueries, SqlRow, SqlTransaction, TransactionOptions,
} from './sql/types.js';
export type { InvokeAnswer, InvokeOptions, InvokeTimerOptions } from './testing/types.js';

/** As nimbus-js calls them. */
export type { ApiOptions as APIOptions, Method as HttpMethod } from './kinds/api.js';
export type { LambdaHandler } from './kinds/function.js';
export type { SqlOptions as SQLOptions } from './kinds/sql.js';
