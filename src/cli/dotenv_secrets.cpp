#include "cli/dotenv_secrets.h"

#include "aws/ops/lambda/functions.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/secret_import.h"
#include "cli/secret_store.h"
#include "deploy/kinds/function/output.h"
#include "deploy/kinds/secret/output.h"

#include <algorithm>

namespace nimbus::cli {
namespace {

using deploy::function::FunctionOutput;
using deploy::secret::SecretOutput;

/// Instances keep a value for minutes. A change of the configuration, here of nothing in it, ends
/// them when they have done what they are at.
void renew_instances(const aws::Client& client, const deploy::Outputs& outputs)
{
    for (const auto& function : outputs.of<FunctionOutput>(deploy::function::kind_name)) {
        aws::lambda::UpdateFunctionConfiguration change;
        change.function_name = function.arn;
        client.call(change);
    }
}

} // namespace

std::vector<DotenvEntry> read_dotenv(const std::filesystem::path& file)
{
    const auto text = read_small_file_if_exists(file);
    if (!text)
        return {};
    auto read = parse_dotenv(*text);
    if (read.mistakes.empty())
        return std::move(read.entries);
    const auto& first = read.mistakes.front();
    throw Error(file.filename().string() + ":" + std::to_string(first.line) + ": " + first.text,
                "What the file said before is used. Correct it and save it.");
}

std::vector<std::string> apply_dotenv(const aws::Client& client, const deploy::Outputs& outputs,
                                      const std::vector<DotenvEntry>& entries)
{
    const auto declared = outputs.of<SecretOutput>(deploy::secret::kind_name);
    if (declared.empty())
        return {};
    const SecretStore store(client, outputs.deployment);
    std::vector<std::string> changed;
    for (const auto& entry : entries) {
        const auto name = secret_name_of(entry.name);
        const auto found = std::ranges::find(declared, name, &SecretOutput::name);
        if (found != declared.end() && !entry.value.empty() &&
            store.set(name, store.find(name), entry.value) != SecretStore::Change::unchanged)
            changed.push_back(name);
    }
    if (!changed.empty())
        renew_instances(client, outputs);
    return changed;
}

} // namespace nimbus::cli
