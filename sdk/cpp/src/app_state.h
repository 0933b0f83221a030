#pragma once

#include "sql_link.h"

#include <memory>
#include <nimbus/app.hpp>
#include <source_location>
#include <string>
#include <vector>

namespace nimbus::detail {

struct route_declaration {
    std::string method;
    std::string path;
    std::string function; ///< the generated name, unique in the application
    handler_function handler;
    function_options options;
    std::source_location place;
};

struct api_declaration {
    api_options options;
    std::source_location place;
    std::vector<route_declaration> routes;
};

struct sql_declaration {
    sql_options options;
    std::source_location place;
    std::shared_ptr<sql::detail::link> link;
};

/// What the program has declared: the one value behind app and api.
struct app_state {
    app_options options;
    std::source_location place;
    std::vector<sql_declaration> sql;
    std::vector<api_declaration> apis;
    std::function<response(const std::exception&, const request&)> error_handler;
};

} // namespace nimbus::detail
