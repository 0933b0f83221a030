import { api } from './api.js';
import type { ApiMethods } from './api.js';
import { lambdaFunction } from './function.js';
import type { FunctionMethods } from './function.js';
import type { Kind } from './kind.js';
import { secret } from './secret.js';
import type { SecretMethods } from './secret.js';
import { sql } from './sql.js';
import type { SqlMethods } from './sql.js';
import { timer } from './timer.js';
import type { TimerMethods } from './timer.js';
import { notYetAvailable } from './unavailable.js';
import type { UnavailableMethods } from './unavailable.js';

/** All that an application can declare. */
export const kinds: readonly Kind[] = [api, sql, secret, timer, lambdaFunction, notYetAvailable];

export interface Methods
    extends ApiMethods, SqlMethods, SecretMethods, TimerMethods, FunctionMethods, UnavailableMethods {}
