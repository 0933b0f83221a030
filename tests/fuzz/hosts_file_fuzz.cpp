// A hosts file has what the system, its owner and other programs put into it: whatever the bytes,
// Nimbus's block goes in once, is found there, and comes out with nothing else changed.

#include "base/error.h"
#include "cli/hosts_block.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr const char* home = "/home/me/.nimbus";
const nimbus::HostAddresses names{{"a.dsql.us-east-1.on.aws", "127.64.0.1"}};

void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using nimbus::cli::with_names;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::string foreign;
    try {
        foreign = with_names(text, home, {});
    } catch (const nimbus::Error&) {
        return 0; // a block without its end
    }
    const auto written = with_names(text, home, names);
    require(with_names(written, home, names) == written);
    require(nimbus::parse_hosts(written).contains(names.begin()->first));
    const auto removed = with_names(written, home, {});
    require(removed == foreign || removed == foreign + '\n');
    require(with_names(removed, home, {}) == removed);
    return 0;
}
