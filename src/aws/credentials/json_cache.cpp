#include "aws/credentials/json_cache.h"

#include "base/error.h"
#include "base/file.h"

namespace nimbus::aws {

std::optional<json::object> read_json_cache(const std::filesystem::path& file)
{
    const auto text = read_small_file_if_exists(file);
    if (!text)
        return {};
    try {
        auto value = parse_json(*text, file.string());
        if (value.is_object())
            return std::move(value.get_object());
    } catch (const Error&) {
        // Its content is not worth an error: it is replaced.
    }
    return {};
}

void write_json_cache(const std::filesystem::path& file, const json::object& object)
{
    make_directories(file.parent_path(), 0700);
    write_file(file, compact_json(object), 0600);
}

} // namespace nimbus::aws
