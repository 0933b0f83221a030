#include "frontends/kept_tools.h"

#include "base/error.h"

#include <utility>

namespace nimbus::frontends {

bool KeptTools::knows_node(const std::filesystem::path& node) const
{
    std::error_code error;
    return node == node_ && std::filesystem::last_write_time(node, error) == node_modified_;
}

void KeptTools::remember_node(const std::filesystem::path& node)
{
    node_ = node;
    node_modified_ = std::filesystem::last_write_time(node);
}

void KeptTools::get_ready()
{
    if (next_.arguments.empty() || (waiting_ && waiting_->is_running()))
        return;
    auto program = std::make_unique<DescribingProgram>(next_);
    try {
        program->start(name_);
        waiting_ = std::move(program);
    } catch (const Error&) {
        waiting_.reset(); // who asks next meets the same, and says it
    }
}

std::unique_ptr<DescribingProgram> KeptTools::take_waiting(const Program& program,
                                                           const BuildRequest& request)
{
    next_ = {.arguments = program.waiting_command, .directory = request.directory(), .waits = true};
    name_ = request.name();
    auto waiting = std::exchange(waiting_, nullptr);
    if (waiting && waiting->command() == next_ && waiting->is_running())
        return waiting;
    return nullptr;
}

} // namespace nimbus::frontends
