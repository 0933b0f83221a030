#pragma once

#include "base/assert.h"

#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace nimbus::local::dsql {

/// Bytes that were received and not yet taken, in one piece. Not cleared before they are filled.
class Buffer {
public:
    std::string_view view() const noexcept { return {data_.get() + begin_, end_ - begin_}; }
    std::size_t size() const noexcept { return end_ - begin_; }

    /// Room for at least `count` more bytes; `filled` says how many came.
    std::span<char> room(std::size_t count)
    {
        if (capacity_ - end_ < count)
            make_room(count);
        return {data_.get() + end_, capacity_ - end_};
    }
    void filled(std::size_t count) noexcept
    {
        NIMBUS_ASSERT(count <= capacity_ - end_, "no more comes than there was room for");
        end_ += count;
    }

    void take(std::size_t count) noexcept
    {
        NIMBUS_ASSERT(count <= size(), "only what was received is taken");
        begin_ += count;
        if (begin_ < end_)
            return;
        begin_ = end_ = 0;
        if (capacity_ > kept_capacity)
            give_back();
    }

    /// Its memory, while there is nothing in it.
    void give_back() noexcept
    {
        if (size() > 0)
            return;
        data_.reset();
        begin_ = end_ = capacity_ = 0;
    }
    std::size_t capacity() const noexcept { return capacity_; }

private:
    /// What a large message needed is given back.
    static constexpr std::size_t kept_capacity = 256 * 1024;

    void make_room(std::size_t count)
    {
        const auto held = size();
        if (held + count > capacity_) {
            auto larger = std::make_unique_for_overwrite<char[]>(2 * held + count);
            if (held > 0)
                std::memcpy(larger.get(), data_.get() + begin_, held);
            data_ = std::move(larger);
            capacity_ = 2 * held + count;
        } else if (held > 0) {
            std::memmove(data_.get(), data_.get() + begin_, held);
        }
        begin_ = 0;
        end_ = held;
    }

    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

} // namespace nimbus::local::dsql
