#include "cli/environment_of_tests.h"

#include "base/text.h"
#include "local/cloud.h"

namespace nimbus::cli {
namespace {

constexpr const char* node_options = "NODE_OPTIONS";

/// As Node reads the words of NODE_OPTIONS. Source: its CLI documentation, "NODE_OPTIONS".
std::string quoted(const std::string& word)
{
    return '"' + replace_all(replace_all(word, "\\", "\\\\"), "\"", "\\\"") + '"';
}

} // namespace

std::map<std::string, std::string> test_variables(const local::Home& home,
                                                  const local::HomeSettings& settings,
                                                  const std::string& region,
                                                  const sigv4::Credentials& credentials)
{
    auto variables = local::function_environment(home, settings);
    variables["AWS_REGION"] = variables["AWS_DEFAULT_REGION"] = region;
    variables["AWS_ACCESS_KEY_ID"] = credentials.access_key_id;
    variables["AWS_SECRET_ACCESS_KEY"] = credentials.secret_access_key;
    variables["AWS_SESSION_TOKEN"] = credentials.session_token;
    variables[node_options] =
        "--use-openssl-ca --require " + quoted(local::node_host_names_module(home).string());
    return variables;
}

std::vector<std::string> environment_for_tests(const std::vector<std::string>& ours,
                                               std::map<std::string, std::string> variables)
{
    std::vector<std::string> environment;
    for (const auto& entry : ours) {
        const auto name = entry.substr(0, entry.find('='));
        if (name == node_options && entry.size() > name.size() + 1)
            variables[name] = entry.substr(name.size() + 1) + ' ' + variables[name];
        else if (!name.starts_with("AWS_") && !variables.contains(name))
            environment.push_back(entry);
    }
    for (const auto& [name, value] : variables)
        environment.push_back(name + '=' + value);
    return environment;
}

} // namespace nimbus::cli
