#include "local/services/lambda/code_garbage.h"

#include <set>

namespace nimbus::local {

bool CodeGarbage::collect()
{
    const auto now = clock_();
    if (now < next_look_)
        return false;
    next_look_ = now + between_looks;
    const auto used = [this] {
        std::set<std::string> hashes;
        for (const auto& record : functions_.all())
            hashes.insert(record.function->code_sha256);
        return hashes;
    };
    const auto present = used();
    std::map<std::string, SystemTime> unused;
    for (const auto& hash : code_.hashes()) {
        if (present.contains(hash))
            continue;
        const auto known = unused_since_.find(hash);
        const auto since = known == unused_since_.end() ? now : known->second;
        if (now - since < kept_for)
            unused[hash] = since;
        else
            code_.collect(hash, [&] { return used().contains(hash); });
    }
    unused_since_ = std::move(unused);
    return false;
}

} // namespace nimbus::local
