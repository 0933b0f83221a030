#pragma once

#include "aws/client.h"
#include "base/encoding.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "deploy/deploy.h"
#include "deploy/kinds/api/declaration.h"
#include "deploy/kinds/catalog.h"
#include "http/client.h"
#include "manifest/manifest.h"
#include "process/child_process.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <poll.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

/// For tests: the local cloud's control planes in a process of their own, and the engine's view of
/// them. There is no PostgreSQL behind its clusters.
namespace nimbus::deploy::testing_cloud {

class CloudProcess {
public:
    CloudProcess()
        : process_(process::ChildProcess::spawn(
              {.arguments = {NIMBUS_SERVICES_PROBE, directory_.path().string(), "0"},
               .standard_error = process::Stream::pipe,
               .die_with_parent = true})),
          endpoint_(read_endpoint())
    {
    }

    const std::string& endpoint() const noexcept { return endpoint_; }

private:
    /// The first line that it writes.
    std::string read_endpoint()
    {
        std::string text;
        const auto deadline = Deadline::after(std::chrono::seconds(20));
        const int fd = process_.standard_error().get();
        while (text.find('\n') == std::string::npos && !deadline.reached()) {
            pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
            ::poll(&ready, 1, static_cast<int>(deadline.remaining().count()));
            char byte = 0;
            if (::read(fd, &byte, 1) == 1)
                text += byte;
        }
        return text.substr(0, text.find('\n'));
    }

    TemporaryDirectory directory_{"nimbus-deploy-test"};
    process::ChildProcess process_;
    std::string endpoint_;
};

/// A number that processes share with those they forked.
class SharedCounter {
public:
    SharedCounter()
        : memory_(::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
          count_(new(memory_) std::atomic<int>(0))
    {
    }
    ~SharedCounter() { ::munmap(memory_, sizeof(std::atomic<int>)); }
    SharedCounter(const SharedCounter&) = delete;
    SharedCounter& operator=(const SharedCounter&) = delete;

    std::atomic<int>& operator*() const { return *count_; }

private:
    void* memory_;
    std::atomic<int>* count_;
};

/// A person with Nimbus: a client of their own, a manifest, and the code.
class Person {
public:
    explicit Person(const CloudProcess& cloud, const std::string& name = "me@here (1)")
        : client_(std::make_shared<http::Client>(),
                  aws::fixed_credentials({"AKIAPROBE", "probe", ""}), client_options(cloud)),
          target_{.name = "local",
                  .client = client_,
                  .region = "us-east-1",
                  .account_id = "123456789012",
                  .bucket = "nimbus-state"}
    {
        options.status = &status_;
        options.holder = name;
        options.lock_timeout = std::chrono::milliseconds(100);
        // A zip with an executable script `bootstrap`, which runs on both architectures.
        write_file(directory_.path() / "app.zip",
                   base64_decode("UEsDBBQAAAAAAAAAIQAdnfsECgAAAAoAAAAJAAAAYm9vdHN0cmFwIyEvYmluL3No"
                                 "ClBLAQIUAxQAAAAAAAAAIQAdnfsECgAAAAoAAAAJAAAAAAAAAAAAAADtAQAAAABi"
                                 "b290c3RyYXBQSwUGAAAAAAEAAQA3AAAAMQAAAAAA")
                       .value());
        artifacts_["x86_64"] = {.zip = directory_.path() / "app.zip",
                                .sha256 =
                                    crypto::sha256_hex_of_file(directory_.path() / "app.zip")};
        artifacts_["arm64"] = artifacts_["x86_64"];
    }

    /// `routes`: "GET /users"; the function's name follows from it.
    static manifest::Manifest application(const std::vector<std::string>& routes, int memory = 256)
    {
        manifest::Manifest manifest{.project = "testbed",
                                    .region = "us-east-1",
                                    .stage = "dev",
                                    .runtime = "provided.al2023",
                                    .architecture = "x86_64"};
        auto& api = manifest.declared.of<api::Api>().emplace_back();
        api.name = "web";
        api.stage = "dev";
        for (const auto& route : routes) {
            const auto space = route.find(' ');
            std::string name = route;
            std::ranges::replace_if(
                name, [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
            api.routes.push_back({route.substr(0, space), route.substr(space + 1), name});
            auto& function = manifest.functions.emplace_back();
            function.name = name;
            function.architecture = manifest.architecture;
            function.memory_megabytes = memory;
        }
        return manifest;
    }

    DeployResult deploy(const manifest::Manifest& manifest)
    {
        return deploy::deploy(all_kinds(), target_, manifest, artifacts_, options).value();
    }
    PlanSummary plan(const manifest::Manifest& manifest)
    {
        return deploy::plan(all_kinds(), target_, manifest, artifacts_);
    }
    DestroyResult destroy(bool force = false)
    {
        return deploy::destroy(all_kinds(), target_, id, force, options);
    }

    /// Other code, which does the same.
    void change_code()
    {
        auto zip = read_file(directory_.path() / "app.zip");
        zip[zip.size() - 2] = 1; // a comment of one letter behind it
        zip += 'x';
        const auto file = directory_.path() / "changed.zip";
        write_file(file, zip);
        for (auto& [architecture, artifact] : artifacts_)
            artifact = {.zip = file, .sha256 = crypto::sha256_hex(zip)};
    }

    const Target& target() const noexcept { return target_; }
    const aws::Client& client() const noexcept { return client_; }
    const Artifacts& artifacts() const noexcept { return artifacts_; }
    int changes() const noexcept { return changes_; }
    int calls() const noexcept { return calls_; }
    /// Changes that left for AWS, each attempt counted, those of forked processes with them.
    int sent() const noexcept { return *sent_; }

    DeploymentId id{"testbed", "dev", "us-east-1"};
    Options options;

private:
    aws::ClientOptions client_options(const CloudProcess& cloud)
    {
        aws::ClientOptions client_options{.region = "us-east-1"};
        client_options.endpoints.all = cloud.endpoint();
        client_options.on_call = [this](const aws::OperationInfo& operation) {
            ++calls_;
            changes_ += operation.is_change() ? 1 : 0;
        };
        client_options.before_sending = [this](const aws::OperationInfo& operation) {
            *sent_ += operation.is_change() ? 1 : 0;
        };
        return client_options;
    }

    TemporaryDirectory directory_{"nimbus-deploy-test"};
    std::atomic<int> calls_ = 0;
    std::atomic<int> changes_ = 0;
    SharedCounter sent_;
    Status status_;
    aws::Client client_;
    Target target_;
    Artifacts artifacts_;
};

} // namespace nimbus::deploy::testing_cloud
