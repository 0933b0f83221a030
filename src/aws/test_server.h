#pragma once

#include "http/server.h"

#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace nimbus::aws::testing_server {

/// Answers with what it was given, in order, and keeps the requests. An answer with status 0
/// closes the connection instead.
class ScriptedServer {
public:
    explicit ScriptedServer(std::deque<http::Response> answers)
        : answers_(std::move(answers)), server_(std::make_unique<http::Server>(
                                            loop_, http::ServerOptions{},
                                            [this](http::Request request, http::Responder respond) {
                                                handle(std::move(request), std::move(respond));
                                            })),
          thread_([this] { loop_.run(); })
    {
    }

    ~ScriptedServer()
    {
        loop_.post([this] {
            server_.reset();
            loop_.stop();
        });
        thread_.join();
    }

    std::string host() const { return "127.0.0.1:" + std::to_string(server_->port()); }
    std::string origin() const { return "http://" + host(); }

    std::vector<http::Request> requests() const
    {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

private:
    void handle(http::Request request, http::Responder respond)
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(request));
        http::Response answer{.status = 500, .body = "the script has ended"};
        if (!answers_.empty()) {
            answer = std::move(answers_.front());
            answers_.pop_front();
        }
        if (answer.status != 0)
            respond(std::move(answer));
    }

    mutable std::mutex mutex_;
    std::deque<http::Response> answers_;
    std::vector<http::Request> requests_;
    net::EventLoop loop_;
    std::unique_ptr<http::Server> server_;
    std::thread thread_;
};

} // namespace nimbus::aws::testing_server
