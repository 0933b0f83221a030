#include "cli/command.h"
#include "cli/man_page.h"

#include <iostream>

/// nimbus man-page: prints the manual page, for the build that installs it.
namespace nimbus::cli {
namespace {

struct Options {
    const CommandDescription* program = nullptr;
};

int run(const Options& options, const Terminal&)
{
    std::cout << man_page(*options.program);
    return done;
}

} // namespace

void add_man_page(const Command& root)
{
    add_command<Options>(
        root, "man-page", {},
        [&root](const Command&, Options& options) { options.program = &root.description(); }, run);
}

} // namespace nimbus::cli
