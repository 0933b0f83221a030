#pragma once

#include "deploy/bucket.h"
#include "deploy/state.h"

#include <optional>

namespace nimbus::deploy {

/// The state as an object in the bucket, written only over the one that was read.
class StateStore {
public:
    explicit StateStore(World& world);

    /// Nothing if there is none. Throws Error when it belongs to another account.
    std::optional<State> load();
    /// Throws Error when somebody else wrote or removed it since `load`.
    void save(const State& state);
    void remove();

    /// Of what was loaded or saved last; empty: there is none.
    const std::string& etag() const noexcept { return etag_; }

private:
    [[noreturn]] void throw_changed() const;

    Bucket bucket_;
    std::string key_;
    const Kinds& kinds_;
    std::string account_id_;
    std::string etag_;
};

} // namespace nimbus::deploy
