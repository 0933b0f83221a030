#include "cli/dotenv_secrets.h"

#include "aws/ops/lambda/functions.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/dotenv.h"
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

std::vector<DotenvEntry> entries_of(std::string_view text, const std::string& source)
{
    auto file = parse_dotenv(text);
    if (file.mistakes.empty())
        return std::move(file.entries);
    const auto& first = file.mistakes.front();
    throw Error(source + ":" + std::to_string(first.line) + ": " + first.text,
                "No secret was set. Correct the file and save it.");
}

} // namespace

std::vector<std::string> apply_dotenv(const aws::Client& client, const deploy::Outputs& outputs,
                                      const std::filesystem::path& file)
{
    const auto declared = outputs.of<SecretOutput>(deploy::secret::kind_name);
    const auto text = read_small_file_if_exists(file);
    if (declared.empty() || !text)
        return {};
    const SecretStore store(client, outputs.deployment);
    std::vector<std::string> changed;
    for (const auto& entry : entries_of(*text, file.filename().string())) {
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
