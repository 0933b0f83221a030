#include "cli/remembered.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"

#include <boost/json/serialize.hpp>

namespace nimbus::cli {
namespace {

std::filesystem::path file_in(const std::filesystem::path& directory)
{
    return directory / ".nimbus" / "application.json";
}

} // namespace

void remember(const std::filesystem::path& directory, const deploy::DeploymentId& id)
{
    try {
        const auto text = json::serialize(
            json::object{{"project", id.project}, {"stage", id.stage}, {"region", id.region}});
        if (read_file_if_exists(file_in(directory)) != text)
            write_file(file_in(directory), text);
    } catch (const Error&) {
        // The command that reads the program goes on.
    }
}

std::optional<deploy::DeploymentId> remembered(const std::filesystem::path& directory)
{
    try {
        const auto text = read_file_if_exists(file_in(directory));
        const auto document = parse_json(text.value_or(""), file_in(directory).string());
        const auto* object = document.if_object();
        if (object == nullptr)
            return {};
        deploy::DeploymentId id{.project = string_or_empty(*object, "project"),
                                .stage = string_or_empty(*object, "stage"),
                                .region = string_or_empty(*object, "region")};
        const bool is_whole = !id.project.empty() && !id.stage.empty() && !id.region.empty();
        return is_whole ? std::optional(std::move(id)) : std::nullopt;
    } catch (const Error&) {
        return {};
    }
}

} // namespace nimbus::cli
