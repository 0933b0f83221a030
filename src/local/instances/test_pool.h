#pragma once

#include "base/error.h"
#include "base/file.h"
#include "base/test_log.h"
#include "local/instances/instance_pool.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <type_traits>
#include <vector>

/// What the tests of instances share: a pool on a loop of its own, whose functions run
/// test_bootstrap.cpp.
namespace nimbus::local {

class FakeAccess : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string&) override { return {}; }
    Decision authorize(const Principal&, const std::string&, const std::string&,
                       const ConditionContext&, const std::string&) override
    {
        return {};
    }
    AccessKey assume_role_for_service(const std::string& role_arn, const std::string& service,
                                      const std::string& session_name,
                                      std::chrono::seconds) override
    {
        if (role_arn.ends_with("gone"))
            throw Error("The role " + role_arn + " does not exist.", "Create it.");
        ++sessions;
        return {.access_key_id = "ASIA" + session_name,
                .secret_access_key = "secret of " + service,
                .session_token = "token of " + role_arn};
    }

    std::atomic<int> sessions = 0;
};

class MemoryLog : public LogSink {
public:
    void put(const std::string& group, const std::string& stream, std::int64_t,
             std::string message) override
    {
        const std::lock_guard lock(mutex_);
        groups_.insert(group);
        streams_.insert(stream);
        lines_.push_back(std::move(message));
    }
    std::vector<std::string> lines()
    {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    std::set<std::string> groups()
    {
        const std::lock_guard lock(mutex_);
        return groups_;
    }
    std::set<std::string> streams()
    {
        const std::lock_guard lock(mutex_);
        return streams_;
    }

private:
    std::mutex mutex_;
    std::set<std::string> groups_, streams_;
    std::vector<std::string> lines_;
};

struct ZipEntry {
    std::string name;
    std::string content;
    mode_t mode = S_IFREG | 0755;
};

inline void write_zip(const std::filesystem::path& path, const std::vector<ZipEntry>& entries)
{
    auto* archive = ::zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto& entry : entries) {
        auto* source = ::zip_source_buffer(archive, entry.content.data(), entry.content.size(), 0);
        const auto index = ::zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
        ASSERT_GE(index, 0);
        ::zip_file_set_external_attributes(archive, static_cast<zip_uint64_t>(index), 0,
                                           ZIP_OPSYS_UNIX, entry.mode << 16);
        ::zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    }
    ASSERT_EQ(::zip_close(archive), 0);
}

inline bool is_alive(pid_t process)
{
    return ::kill(process, 0) == 0;
}

inline void until(const std::function<bool()>& condition)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it does not happen";
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

class PoolFixture : public testing::Test {
protected:
    PoolFixture()
    {
        options_.code_directory = directory_.path() / "code";
        options_.log = cloud_log_.log();
        options_.environment = {{"AWS_ENDPOINT_URL", "http://127.0.0.1:1"}, {"SHARED", "shared"}};
        put_code("main", {{"bootstrap", read_file(NIMBUS_TEST_BOOTSTRAP)}});
    }

    ~PoolFixture() override
    {
        if (!thread_.joinable())
            return;
        loop_.post([this] {
            pool_.reset();
            loop_.stop();
        });
        thread_.join();
    }

    void put_code(const std::string& name, const std::vector<ZipEntry>& entries)
    {
        write_zip(directory_.path() / (name + ".zip"), entries);
    }

    Function function(const std::string& name = "f", const std::string& code = "main") const
    {
        return {.name = name,
                .arn = "arn:aws:lambda:eu-west-9:123456789012:function:" + name,
                .runtime = "provided.al2023",
                .handler = "handler",
                .role_arn = "arn:aws:iam::123456789012:role/r",
                .architecture = "x86_64",
                .memory_megabytes = 128,
                .timeout_seconds = 20,
                .environment = {},
                .code_sha256 = code + "-hash",
                .code_zip = directory_.path() / (code + ".zip"),
                .revision_id = "revision-of-" + name,
                .log_group = "/aws/lambda/" + name};
    }

    InstancePool& pool()
    {
        if (!pool_) {
            pool_ = std::make_unique<InstancePool>(options_, loop_, access_, log_);
            thread_ = std::thread([this] { loop_.run(); });
        }
        return *pool_;
    }

    std::future<InvocationResult> begin(const Function& of, const std::string& payload,
                                        Caller caller = {})
    {
        auto promise = std::make_shared<std::promise<InvocationResult>>();
        pool().invoke(
            std::make_shared<Function>(of), payload, std::move(caller),
            [promise](InvocationResult result) { promise->set_value(std::move(result)); });
        return promise->get_future();
    }

    InvocationResult call(const Function& of, const std::string& payload)
    {
        return begin(of, payload).get();
    }

    template <class Work>
    std::invoke_result_t<Work> on_loop(Work work)
    {
        pool();
        std::packaged_task<std::invoke_result_t<Work>()> task(std::move(work));
        auto result = task.get_future();
        loop_.post(std::move(task));
        return result.get();
    }

    std::size_t instances()
    {
        return on_loop([this] { return pool_->instances(); });
    }

    std::size_t idle_instances()
    {
        return on_loop([this] { return pool_->idle_instances(); });
    }

    std::filesystem::path new_directory(const std::string& name)
    {
        const auto path = directory_.path() / name;
        std::filesystem::create_directory(path);
        return path;
    }

    TemporaryDirectory directory_;
    InstancePoolOptions options_;
    net::EventLoop loop_;
    FakeAccess access_;
    MemoryLog log_;
    TestLog cloud_log_;
    std::unique_ptr<InstancePool> pool_;
    std::thread thread_;
};

} // namespace nimbus::local
