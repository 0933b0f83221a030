#pragma once

#include <string>
#include <string_view>

namespace nimbus::local::dsql {

/// Bytes on their way to a peer. While every message goes through as it came, this is a view of
/// the received bytes and nothing is copied; from the first difference on it is a copy.
class Outgoing {
public:
    /// A message as it was received. Its bytes stay where they are until `clear`.
    void pass(std::string_view bytes)
    {
        if (!own_.empty())
            own_ += bytes;
        else if (run_.empty())
            run_ = bytes;
        else if (run_.data() + run_.size() == bytes.data())
            run_ = {run_.data(), run_.size() + bytes.size()};
        else
            add(bytes);
    }

    /// Bytes that are made here.
    void add(std::string_view bytes)
    {
        if (own_.empty())
            own_ = run_;
        run_ = {};
        own_ += bytes;
    }

    std::string_view bytes() const noexcept { return own_.empty() ? run_ : own_; }
    bool empty() const noexcept { return bytes().empty(); }
    void clear() noexcept
    {
        own_.clear();
        run_ = {};
    }

private:
    std::string_view run_;
    std::string own_;
};

} // namespace nimbus::local::dsql
