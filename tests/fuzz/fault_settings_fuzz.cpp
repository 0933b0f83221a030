// The settings of faults on demand: the body of PUT /faults, and the rates of `nimbus local
// faults`.

#include "base/error.h"
#include "local/faults/fault_settings.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace nimbus;

namespace {

void must(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto rate = local::Rate::parse(text)) {
        must(rate->millionths() <= local::Rate::always);
        must(local::Rate::parse(rate->text()) == rate);
    }
    try {
        const auto document = parse_json(text, "the body");
        if (!document.is_object())
            return 0;
        const auto settings = local::fault_settings_from_json(document.as_object());
        must(settings.delay >= local::FaultSettings::shortest_delay);
        must(settings.delay <= local::FaultSettings::longest_delay);
        must(local::fault_settings_from_json(local::to_json(settings)) == settings);
    } catch (const Error&) {
        // A refusal that names the member.
    }
    return 0;
}
