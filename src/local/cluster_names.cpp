#include "local/cluster_names.h"

#include "base/file.h"
#include "local/instances/function_sandbox.h"

namespace nimbus::local {

ClusterNames::ClusterNames(const Home& home, std::filesystem::path system_hosts)
    : file_(home.hosts_file()), functions_file_(FunctionSandbox::hosts_file(home.functions_root())),
      system_hosts_(std::move(system_hosts))
{
}

void ClusterNames::set(const HostAddresses& names)
{
    const MutexLock lock(mutex_);
    names_ = hosts_lines(names);
    write_file(file_, names_);
    write_functions_file();
}

std::filesystem::path ClusterNames::functions_hosts()
{
    const MutexLock lock(mutex_);
    write_functions_file();
    return functions_file_;
}

void ClusterNames::write_functions_file()
{
    auto text = names_ + read_file_if_exists(system_hosts_).value_or("");
    if (text == written_)
        return;
    make_directories(functions_file_.parent_path());
    write_file(functions_file_, text);
    written_ = std::move(text);
}

} // namespace nimbus::local
