/** What an application consists of. */
export interface NimbusOptions {
    /** A lower-case letter, then lower-case letters, digits and dashes; at most 32 characters. */
    projectName: string;
    /** The AWS region that everything is in, such as `us-east-1`. */
    region: Region;
    /** Tells deployments of the same application apart. The first API's unless given, else `dev`;
     * `nimbus deploy --stage` overrides it. */
    stage?: string;
}

/** Some AWS regions, for completion; any other is fine, too. */
export type Region =
    | 'us-east-1' | 'us-east-2' | 'us-west-2' | 'ca-central-1' | 'eu-central-1' | 'eu-west-1'
    | 'eu-west-2' | 'eu-west-3' | 'ap-northeast-1' | 'ap-northeast-2' | 'ap-northeast-3'
    | 'ap-southeast-2' | (string & {});

/** An Aurora DSQL cluster with a schema for the application. */
export interface SqlOptions {
    /** A lower-case letter, then lower-case letters, digits and dashes; at most 32 characters.
     * `main-db` gives functions `SQL_MAIN_DB_ENDPOINT`, `_IDENTIFIER`, `_SCHEMA`, `_DB_ROLE` and
     * `_ARN`. */
    name: string;
    /** The application's schema in the cluster: lower-case letters, digits and underscores, not
     * beginning with a digit; at most 55 characters. */
    schema: string;
    /** Refuse to delete the cluster, even with `--force`. True unless given. */
    deletionProtection?: boolean;
    /** Use the shared cluster of that name instead of one of the application's own. */
    cluster?: string;
}

/** An HTTP API. */
export interface ApiOptions {
    /** A lower-case letter, then lower-case letters, digits and dashes; at most 32 characters. */
    name: string;
    /** The first segment of the URL's path: lower-case letters, digits and dashes, at most 16. The
     * application's unless given. */
    stage?: string;
}

/** How the Lambda function behind a route is set up. */
export interface FunctionOptions {
    /** Megabytes, 128 to 10,240; processor time grows with it. 256 unless given. */
    memory?: number;
    /** Seconds, 1 to 900; the API gives up after 30. 30 unless given. */
    timeout?: number;
    /** Variables of the function's own, at most 4 KB with the databases'. */
    environment?: Record<string, string>;
    /** The names of the SQL databases that the function may use. All unless given. */
    uses?: string[];
}

/** `ANY` takes every method that no other route of the path takes. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'ANY';
