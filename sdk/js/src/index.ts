/**
 * What an application declares, and what its handlers get and give.
 *
 * The default export of `index.ts` is the application; `nimbus deploy` makes it real.
 */
export { Nimbus, Nimbus as default } from './app.js';
export type { Api, SqlDatabase } from './app.js';
export type {
    ApiOptions, FunctionOptions, Method, NimbusOptions, Region, SqlOptions,
} from './options.js';
export type {
    ApiEvent, ApiResponse, Context, Handler, HeaderValue, PathParameters, RequestContext,
} from './event.js';
