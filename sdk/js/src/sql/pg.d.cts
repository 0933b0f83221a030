export type Pg = typeof import('pg');

/** The author's node-postgres; undefined if it is not installed. */
export declare function findPg(): Pg | undefined;
