#include "local/cluster_names.h"

#include "base/file.h"

namespace nimbus::local {

ClusterNames::ClusterNames(const Home& home, std::filesystem::path system_hosts)
    : file_(home.hosts_file()), functions_file_(home.functions_hosts_file()),
      system_hosts_(std::move(system_hosts))
{
}

void ClusterNames::set(const HostAddresses& names)
{
    const MutexLock lock(mutex_);
    names_ = hosts_lines(names);
    write_file(file_, names_);
}

std::filesystem::path ClusterNames::functions_hosts()
{
    const MutexLock lock(mutex_);
    auto text = names_ + read_file_if_exists(system_hosts_).value_or("");
    if (text != written_) {
        write_file(functions_file_, text);
        written_ = std::move(text);
    }
    return functions_file_;
}

} // namespace nimbus::local
