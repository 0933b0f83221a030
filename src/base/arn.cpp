#include "base/arn.h"

#include <array>

namespace nimbus {

std::optional<Arn> Arn::parse(std::string_view text)
{
    std::array<std::string_view, 5> parts;
    for (auto& part : parts) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos)
            return std::nullopt;
        part = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    const auto [scheme, partition, service, region, account] = parts;
    if (scheme != "arn" || partition.empty() || service.empty() || text.empty())
        return std::nullopt;
    return Arn{.partition = std::string(partition),
               .service = std::string(service),
               .region = std::string(region),
               .account = std::string(account),
               .resource = std::string(text)};
}

std::string Arn::to_string() const
{
    return "arn:" + partition + ':' + service + ':' + region + ':' + account + ':' + resource;
}

} // namespace nimbus
