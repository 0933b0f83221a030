/** The variable that tells functions `what` of the `kind` of thing that the application calls `name`:
 * `SQL_MAIN_DB_ENDPOINT`. */
export function variable(kind: string, name: string, what: string): string {
    return `${kind}_${String(name).toUpperCase().replaceAll('-', '_')}_${what}`;
}
