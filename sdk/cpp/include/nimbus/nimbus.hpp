#pragma once

/// All of libnimbus: a program that declares a cloud application and serves it.
///
///     nimbus::app app{{.project_name = "hello", .region = "us-east-1"}};
///     auto api = app.api({.name = "hello-api"});
///     api.route("GET", "/hello/{name}", [](const nimbus::request& req) {
///         return nimbus::ok({{"message", "Hello, " + std::string(req.param("name"))}});
///     });
///     return app.run(argc, argv);

#include <nimbus/api.hpp>
#include <nimbus/app.hpp>
#include <nimbus/app_options.hpp>
#include <nimbus/asset.hpp>
#include <nimbus/decimal.hpp>
#include <nimbus/function_options.hpp>
#include <nimbus/interval.hpp>
#include <nimbus/json.hpp>
#include <nimbus/log.hpp>
#include <nimbus/request.hpp>
#include <nimbus/resource_names.hpp>
#include <nimbus/response.hpp>
#include <nimbus/secret.hpp>
#include <nimbus/secret_error.hpp>
#include <nimbus/sql.hpp>
#include <nimbus/sql_error.hpp>
#include <nimbus/timer.hpp>
#include <nimbus/timestamp.hpp>
#include <nimbus/uuid.hpp>
