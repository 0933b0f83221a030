#pragma once

#include "deploy/bucket.h"
#include "deploy/state.h"

#include <optional>

namespace nimbus::deploy {

/// The state as an object in the bucket, written only over the one that was read.
class StateStore {
public:
    explicit StateStore(World& world);

    /// Nothing if there is none. Throws DamagedState, NewerState, and Error when it belongs to
    /// another account.
    std::optional<State> load();
    /// Throws Error when somebody else wrote or removed it since `load`.
    void save(const State& state);
    void remove();

    /// Why what is there is no state of this deployment; nothing when it is one, or there is none.
    std::optional<Damage> damage();
    /// Moves what `damage` found, `text`, to a key of its own, and returns where.
    std::string set_aside(const std::string& text);

    /// Of what was loaded or saved last; empty: there is none.
    const std::string& etag() const noexcept { return etag_; }

private:
    ParsedState parse(const Bucket::Object& object) const;
    [[noreturn]] void throw_changed() const;

    Bucket bucket_;
    const World& world_;
    std::string key_;
    std::string etag_;
};

} // namespace nimbus::deploy
