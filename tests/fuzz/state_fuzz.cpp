// The state is an object that anyone who may write to the bucket can have written: whatever the
// bytes, parse_state either throws Error or returns what survives a round trip through to_json.

#include "base/error.h"
#include "deploy/kinds/catalog.h"
#include "deploy/state.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace nimbus::deploy;
    const DeploymentId deployment{"shop", "dev", "us-east-1"};
    try {
        const std::string text(reinterpret_cast<const char*>(data), size);
        const auto parsed = parse_state(text, "the input", deployment, all_kinds());
        const auto again = to_json(parsed.state, parsed.revision);
        if (parse_state(again, "its JSON", deployment, all_kinds()).state != parsed.state)
            std::abort();
    } catch (const nimbus::Error&) {
    }
    return 0;
}
