#include <algorithm>
#include <nimbus/detail/text_form.hpp>
#include <stdexcept>

namespace nimbus::detail {

std::string_view name_of_enumerator(std::span<const enumerator> known, std::int64_t value)
{
    const auto found = std::ranges::find(known, value, &enumerator::value);
    if (found == known.end())
        throw std::invalid_argument("the value " + std::to_string(value) +
                                    " has no name in its BOOST_DESCRIBE_ENUM, which has " +
                                    list_of_enumerators(known));
    return found->name;
}

std::optional<std::int64_t> find_enumerator(std::span<const enumerator> known,
                                            std::string_view name) noexcept
{
    const auto found = std::ranges::find(known, name, &enumerator::name);
    return found == known.end() ? std::nullopt : std::optional(found->value);
}

std::string list_of_enumerators(std::span<const enumerator> known)
{
    std::string list;
    for (const auto& each : known)
        list += (list.empty() ? "one of " : ", ") + std::string(each.name);
    return list;
}

} // namespace nimbus::detail
