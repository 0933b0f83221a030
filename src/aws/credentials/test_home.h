#pragma once

#include "aws/credential_chain.h"
#include "base/error.h"
#include "base/file.h"
#include "http/client.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

namespace nimbus::aws::testing_home {

using Variables = std::map<std::string, std::string>;

/// 2023-11-14T22:13:20Z
inline const SystemTime test_time = from_unix_milliseconds(1'700'000'000'000);

/// A home directory with AWS's files, at a fixed time, on a machine that is no EC2 instance.
class Home : public testing::Test {
protected:
    void config(const std::string& text) const { put(".aws/config", text); }
    void credentials(const std::string& text) const { put(".aws/credentials", text); }
    void put(const std::string& name, const std::string& text) const
    {
        const auto path = home_.path() / name;
        make_directories(path.parent_path(), 0700);
        write_file(path, text, 0600);
    }
    std::string read(const std::string& name) const { return read_file(home_.path() / name); }
    std::filesystem::path path(const std::string& name) const { return home_.path() / name; }
    std::string home() const { return home_.path(); }

    Environment environment(Variables variables) const
    {
        variables.emplace("HOME", home_.path());
        variables.emplace("AWS_EC2_METADATA_DISABLED", "true");
        return fixed_environment(std::move(variables));
    }

    /// The source of a command that runs with `variables`; `endpoint` is all of AWS.
    CredentialSource source(Variables variables = {}, const std::string& endpoint = {},
                            const std::string& profile = {}) const
    {
        return credential_chain(std::make_shared<http::Client>(),
                                {.profile = profile,
                                 .environment = environment(std::move(variables)),
                                 .clock = [this] { return now; },
                                 .region = "us-east-1",
                                 .endpoints = {.all = endpoint},
                                 .mfa = std::make_shared<MfaPrompt>(ask_mfa_code)});
    }

    /// The message and the hint.
    static std::string failure_of(const CredentialSource& source)
    {
        try {
            source();
        } catch (const Error& error) {
            return std::string(error.what()) + " | " + error.hint();
        }
        return "no failure";
    }

    SystemTime now = test_time;
    AskMfaCode ask_mfa_code;

private:
    TemporaryDirectory home_;
};

} // namespace nimbus::aws::testing_home
