import { declarationOf, placeBefore } from '../declaration.js';
import { addPart } from '../description.js';
import type { Kind } from './kind.js';

/** An Aurora DSQL cluster with a schema for the application. */
export interface SqlOptions {
    /** A lower-case letter, then lower-case letters, digits and dashes; at most 32 characters.
     * `main-db` gives functions `SQL_MAIN_DB_ENDPOINT`, `_IDENTIFIER`, `_SCHEMA`, `_DB_ROLE` and
     * `_ARN`. */
    name: string;
    /** The application's schema in the cluster: lower-case letters, digits and underscores, not
     * beginning with a digit; at most 55 characters. By default the name with `-` as `_`. */
    schema?: string;
    /** Refuse to delete the cluster, even with `--force`. By default true. */
    deletionProtection?: boolean;
    /** Use the shared cluster of that name instead of one of the application's own. */
    cluster?: string;
    /** The directory of the schema's migrations, in the project's: `0001_users.sql` and so on.
     * `nimbus deploy` applies each once, before the functions of the new version run. */
    migrations?: string;
}

/** A SQL database of the application. Functions find it through their environment:
 * `SQL_<NAME>_ENDPOINT` and so on. */
export interface SqlDatabase {
    readonly name: string;
    readonly schema: string;
}

export interface SqlMethods {
    /** Declares a SQL database, which all functions can use unless they say what they use. */
    SQL(options: SqlOptions): SqlDatabase;
}

export const sql: Kind<SqlMethods> = {
    sections: ['sql'],
    methods: {
        SQL(options) {
            const { description } = declarationOf(this);
            if (description) {
                addPart(description, 'sql', { place: placeBefore(sql.methods.SQL), members: options });
            }
            const name = options?.name;
            return { name, schema: options?.schema ?? String(name).replaceAll('-', '_') };
        },
    },
};
