#include "base/json.h"

#include <nimbus/log.hpp>
#include <nimbus/timestamp.hpp>
#include <unistd.h>

namespace nimbus {

void logger::write(std::string_view level, std::string_view message,
                   std::initializer_list<field> fields) const
{
    json::object line{{"level", level}, {"timestamp", timestamp::now().to_string()}};
    if (!request_id_.empty())
        line.emplace("requestId", request_id_);
    line.emplace("message", message);
    for (const auto& [key, value] : fields)
        line.emplace(key, value);
    const std::string text = compact_json(line) + '\n';
    // One write per line keeps lines whole; a log that cannot be written has nowhere to complain.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

} // namespace nimbus
