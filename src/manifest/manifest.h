#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What an application declares: the root of both flows. Plain values; parse.h reads them from
/// JSON. docs/manifest.schema.json is the same in JSON Schema.
namespace nimbus::manifest {

struct Sql {
    std::string name;                   ///< [a-z][a-z0-9-]{0,31}
    std::string schema;                 ///< a PostgreSQL identifier: [a-z_][a-z0-9_]{0,54}
    bool deletion_protection = true;    ///< DSQL's own default
    std::optional<std::string> cluster; ///< the shared cluster's name, where sharing is asked for

    bool operator==(const Sql&) const = default;
};

struct Route {
    std::string method;   ///< GET, POST, …, or ANY
    std::string path;     ///< /users/{id}, /files/{proxy+}, or $default (then the method is ANY)
    std::string function; ///< the name of one of the functions

    bool operator==(const Route&) const = default;
};

struct Api {
    std::string name;
    std::string stage; ///< the first segment of the URL's path; empty in JSON: the application's
    std::vector<Route> routes;

    bool operator==(const Api&) const = default;
};

struct Function {
    std::string name;           ///< unique in the application; also Lambda's Handler
    int memory_megabytes = 256; ///< 128 to 10,240
    int timeout_seconds = 30;   ///< 1 to 900
    std::map<std::string, std::string> environment;
    std::vector<std::string> uses; ///< names of SQL databases; absent in JSON: all

    bool operator==(const Function&) const = default;
};

struct Manifest {
    int version = 1;
    std::string project; ///< [a-z][a-z0-9-]{0,31}
    std::string region;
    std::string stage;   ///< [a-z0-9][a-z0-9-]{0,15}; absent in JSON: the first API's, or "dev"
    std::string runtime; ///< Lambda's: provided.al2023, nodejs22.x
    std::string architecture; ///< x86_64 or arm64
    std::vector<Sql> sql;
    std::vector<Api> apis;
    std::vector<Function> functions;

    bool operator==(const Manifest&) const = default;
};

} // namespace nimbus::manifest
