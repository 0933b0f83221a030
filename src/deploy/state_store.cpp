#include "deploy/state_store.h"

#include "base/random.h"

namespace nimbus::deploy {

StateStore::StateStore(World& world)
    : bucket_(world), key_(object_key(world.deployment(), "state.json")), kinds_(world.kinds()),
      account_id_(world.target().account_id)
{
}

std::optional<State> StateStore::load()
{
    const auto object = bucket_.get(key_);
    etag_ = object ? object->etag : "";
    if (!object)
        return {};
    auto state = parse_state(object->body, key_, kinds_).state;
    if (state.account_id != account_id_)
        throw Error("The state " + key_ + " belongs to account " + state.account_id +
                        ", but the credentials belong to account " + account_id_,
                    "Use credentials of that account, or another bucket.");
    return state;
}

void StateStore::save(const State& state)
{
    const auto revision = random_uuid();
    const auto body = to_json(state, revision);
    if (auto etag = bucket_.put(key_, body, {etag_})) {
        etag_ = *etag;
        return;
    }
    // A write whose answer was lost is sent again, and meets itself.
    const auto present = bucket_.get(key_);
    if (!present || parse_state(present->body, key_, kinds_).revision != revision)
        throw_changed();
    etag_ = present->etag;
}

void StateStore::remove()
{
    if (!etag_.empty() && !bucket_.remove(key_, etag_) && bucket_.get(key_))
        throw_changed();
    etag_.clear();
}

void StateStore::throw_changed() const
{
    throw Error("The state " + key_ + " was changed by somebody else in the meantime",
                "Run the command again: it reads the new state.");
}

} // namespace nimbus::deploy
