#include "local/dsql/dialect_rules.h"

#include <algorithm>
#include <array>
#include <utility>

/// Aurora DSQL User Guide, "Supported data types".
namespace nimbus::local::dsql::rules {
namespace {

using namespace std::string_view_literals;

/// PostgreSQL's names inside and in SQL.
constexpr std::array sql_names{
    std::pair{"int2"sv, "smallint"sv},
    std::pair{"int4"sv, "integer"sv},
    std::pair{"int8"sv, "bigint"sv},
    std::pair{"float4"sv, "real"sv},
    std::pair{"float8"sv, "double precision"sv},
    std::pair{"bool"sv, "boolean"sv},
    std::pair{"bpchar"sv, "character"sv},
    std::pair{"varchar"sv, "character varying"sv},
    std::pair{"varbit"sv, "bit varying"sv},
    std::pair{"time"sv, "time without time zone"sv},
    std::pair{"timetz"sv, "time with time zone"sv},
    std::pair{"timestamp"sv, "timestamp without time zone"sv},
    std::pair{"timestamptz"sv, "timestamp with time zone"sv},
};

constexpr std::array without_keys{"timetz"sv, "interval"sv, "bytea"sv, "json"sv, "jsonb"sv};

constexpr std::array refused{
    "money"sv,         "xml"sv,          "inet"sv,           "cidr"sv,           "macaddr"sv,
    "macaddr8"sv,      "point"sv,        "line"sv,           "lseg"sv,           "box"sv,
    "path"sv,          "polygon"sv,      "circle"sv,         "tsvector"sv,       "tsquery"sv,
    "int4range"sv,     "int8range"sv,    "numrange"sv,       "tsrange"sv,        "tstzrange"sv,
    "daterange"sv,     "bit"sv,          "varbit"sv,         "pg_lsn"sv,         "pg_snapshot"sv,
    "jsonpath"sv,      "refcursor"sv,    "txid_snapshot"sv,  "int4multirange"sv, "int8multirange"sv,
    "nummultirange"sv, "tsmultirange"sv, "tstzmultirange"sv, "datemultirange"sv};

/// The name of a built-in type; empty for one in a schema of its own.
std::string_view built_in_name(const Fields& type_name)
{
    const auto parts = names(type_name, "names");
    if (parts.empty() || (parts.size() > 1 && parts.front() != "pg_catalog"))
        return {};
    return parts.back();
}

} // namespace

std::string canonical_type_name(const Fields& type_name)
{
    const auto parts = names(type_name, "names");
    std::string_view name = parts.empty() ? "unknown"sv : parts.back();
    for (const auto& [internal, sql] : sql_names)
        if (internal == name)
            name = sql;
    return std::string(name) + (list(type_name, "arrayBounds").empty() ? "" : "[]");
}

TypeUse type_use(const Fields& type_name)
{
    if (!list(type_name, "arrayBounds").empty())
        return TypeUse::refused;
    const auto name = built_in_name(type_name);
    if (std::ranges::find(refused, name) != refused.end())
        return TypeUse::refused;
    if (std::ranges::find(without_keys, name) != without_keys.end())
        return TypeUse::column;
    return TypeUse::column_and_key;
}

} // namespace nimbus::local::dsql::rules
