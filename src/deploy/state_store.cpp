#include "deploy/state_store.h"

#include "base/random.h"

namespace nimbus::deploy {

StateStore::StateStore(World& world)
    : bucket_(world), world_(world), key_(object_key(world.deployment(), "state.json"))
{
}

std::optional<State> StateStore::load()
{
    const auto object = bucket_.get(key_);
    etag_ = object ? object->etag : "";
    if (!object)
        return {};
    auto state = parse(*object).state;
    if (const auto& account = world_.target().account_id; state.account_id != account)
        throw Error("The state " + bucket_.location(key_) + " belongs to account " +
                        state.account_id + ", but the credentials belong to account " + account,
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
    if (!present || parse(*present).revision != revision)
        throw_changed();
    etag_ = present->etag;
}

void StateStore::remove()
{
    if (!etag_.empty() && !bucket_.remove(key_, etag_) && bucket_.get(key_))
        throw_changed();
    etag_.clear();
}

std::optional<Damage> StateStore::damage()
{
    const auto object = bucket_.get(key_);
    etag_ = object ? object->etag : "";
    if (!object)
        return {};
    try {
        parse(*object);
        return {};
    } catch (const DamagedState& error) {
        return Damage{.what = error.what(), .text = object->body};
    }
}

std::string StateStore::set_aside(const std::string& text)
{
    const auto aside = key_ + ".damaged-" + format_amz_date(system_now());
    if (!bucket_.put(aside, text, {}) || !bucket_.remove(key_, etag_))
        throw_changed();
    etag_.clear();
    return bucket_.location(aside);
}

ParsedState StateStore::parse(const Bucket::Object& object) const
{
    return parse_state(object.body, bucket_.location(key_), world_.deployment(), world_.kinds());
}

void StateStore::throw_changed() const
{
    throw Error("The state " + bucket_.location(key_) +
                    " was changed by somebody else in the meantime",
                "Run the command again: it reads the new state.");
}

} // namespace nimbus::deploy
