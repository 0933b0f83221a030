#pragma once

#include "cli/databases_of_tests.h"
#include "http/server.h"
#include "net/event_loop.h"
#include "net/worker_pool.h"

#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace nimbus::cli {

/// Where the fixtures of test libraries get schemas of their own:
///
///     POST   /schemas         201 {"name": "…", "variables": {"SQL_MAIN_DB_ENDPOINT": "…", …}}
///     DELETE /schemas/<name>  204
///
/// with `Authorization: Bearer <token>`. All else is 401 or 404 with {"message": "…"}.
class TestEndpoint {
public:
    /// Where schemas come from. Thread-safe; may throw Error.
    struct Schemas {
        std::function<TestSchema()> make;
        std::function<bool(const std::string& name)> remove;
    };

    /// Listens on 127.0.0.1.
    explicit TestEndpoint(Schemas schemas);
    /// Waits for what is under way.
    ~TestEndpoint();
    TestEndpoint(const TestEndpoint&) = delete;
    TestEndpoint& operator=(const TestEndpoint&) = delete;

    /// http://127.0.0.1:<port>
    std::string url() const;
    const std::string& token() const noexcept { return token_; }

private:
    http::Response answer(const http::Request& request) const;

    const Schemas schemas_;
    const std::string token_;
    net::EventLoop loop_;
    std::optional<http::Server> server_;
    std::optional<net::WorkerPool> workers_;
    std::thread thread_;
};

} // namespace nimbus::cli
