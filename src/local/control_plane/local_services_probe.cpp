/// A local cloud without data planes, for trying the control planes with AWS's own clients:
/// local_services_probe <directory> <port>. Access key AKIAPROBE, secret key "probe".
#include "local/control_plane/control_plane.h"
#include "local/dsql/cluster_host.h"
#include "local/gateway/api.h"
#include "local/lambda/function.h"

#include <csignal>
#include <iostream>
#include <map>

namespace {

using namespace nimbus;
using namespace nimbus::local;

/// Answers each invocation with its payload.
class EchoInvoker : public Invoker {
public:
    void invoke(std::shared_ptr<const Function> function, std::string payload, Caller,
                Done done) override
    {
        done({.kind = payload == "\"fail\"" ? InvocationResult::Kind::function_error
                                            : InvocationResult::Kind::success,
              .payload = std::move(payload),
              .request_id = "probe",
              .log_tail = "log of " + function->name});
    }
    void retire(const std::string&, const std::string&) override {}
};

class NumberingApiHost : public ApiHost {
public:
    std::uint16_t open(const std::string&, std::uint16_t port) override
    {
        return port == 0 ? next_++ : port;
    }
    void publish(std::shared_ptr<const Api> api) override
    {
        std::cerr << "publish " << api->id << ": " << api->routes.size() << " routes, "
                  << api->stages.size() << " stages\n";
    }
    void close(const std::string&) override {}

private:
    std::uint16_t next_ = 41'000;
};

class InstantClusterHost : public ClusterHost {
public:
    std::string reserve_address(const Cluster& cluster) override
    {
        return cluster.address.empty() ? "127.9.9." + std::to_string(next_++) : cluster.address;
    }
    void start(const Cluster&, std::function<void(std::string)> done) override { done({}); }
    void remove(const std::string&, std::function<void(std::string)> done) override { done({}); }
    ClusterCopy copy(const std::string&) override { return {}; }
    void remove_copy(const std::string&, const std::string&) override {}
    void back_up(const std::string&, const std::filesystem::path&) override {}

private:
    int next_ = 1;
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::cerr << "usage: local_services_probe <directory> <port>\n";
        return 2;
    }
    const std::filesystem::path directory = argv[1];
    std::filesystem::create_directories(directory);
    sqlite::Database database(directory / "cloud.db");
    net::EventLoop loop;
    auto workers = std::make_unique<net::WorkerPool>(4);
    ControlPlane plane(
        {.account_id = "123456789012",
         .region = "us-east-1",
         .directory = directory,
         .administrator = {"AKIAPROBE", "probe"},
         .log = Log(LogLevel::info,
                    [](LogLevel, const std::string& line) { std::cerr << line << '\n'; })},
        database, *workers);
    EchoInvoker invoker;
    NumberingApiHost apis;
    InstantClusterHost clusters;
    plane.start({invoker, apis, clusters});
    auto options = front_door_server_options();
    options.port = static_cast<std::uint16_t>(std::stoi(argv[2]));
    const http::Server server(loop, options, plane.front_door());
    std::cerr << "http://127.0.0.1:" << server.port() << '\n';
    loop.run();
}
