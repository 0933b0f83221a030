#include "core/application.h"
#include "core/manifest_writer.h"
#include "secret/cache.h"
#include "secret/secrets_manager.h"

#include <algorithm>
#include <nimbus/secret.hpp>
#include <span>
#include <stdexcept>

namespace nimbus {

namespace detail {

namespace {

struct SecretDeclaration {
    secret_options options;
    std::source_location place;
    std::shared_ptr<SecretCache> cache;
};

class SecretKind : public Kind {
public:
    std::vector<SecretDeclaration> secrets;

    void describe(ManifestWriter& manifest) const override
    {
        for (const auto& [options, place, cache] : secrets) {
            json::object entry{{"name", options.name}};
            if (!options.description.empty())
                entry.emplace("description", options.description);
            if (!options.kms_key_id.empty())
                entry.emplace("kmsKeyId", options.kms_key_id);
            manifest.add("secrets", std::move(entry), place);
        }
    }
};

/// The environment is read for the first value, in the thread of its caller: renewals, which run
/// beside others, leave it alone.
FetchSecret fetch_from_environment(std::string name)
{
    return [name = std::move(name),
            client = std::optional<SecretsManager>()](const Deadline& deadline) mutable {
        if (!client)
            client.emplace(settings_from_environment(name));
        return client->get_value(deadline);
    };
}

} // namespace

nimbus::secret secret_declarations::secret(secret_options options, std::source_location declared)
{
    auto cache = std::make_shared<SecretCache>(
        SecretCache::Settings{.name = options.name,
                              .ttl = options.ttl,
                              .fetch = fetch_from_environment(options.name),
                              .invocation = application_->invocation()});
    application_->kind<SecretKind>().secrets.push_back({std::move(options), declared, cache});
    return nimbus::secret(std::move(cache));
}

void secret_declarations::override_secret(std::string_view name, std::string value)
{
    const auto& secrets = application_->kind<SecretKind>().secrets;
    const auto found = std::ranges::find_if(
        secrets, [&](const auto& declared) { return declared.options.name == name; });
    if (found == secrets.end())
        throw std::out_of_range("the application declares no secret " + std::string(name));
    found->cache->override_with(std::move(value));
}

void throw_secret_format(const SecretCache& of, std::string_view mistake)
{
    throw secret_format_error(of.name(),
                              "the secret " + of.name() +
                                  " is not what the program takes it for: " + std::string(mistake));
}

} // namespace detail

secret::secret(std::shared_ptr<detail::SecretCache> cache) noexcept : cache_(std::move(cache)) {}

const std::string& secret::name() const noexcept
{
    return cache_->name();
}

std::string secret::value() const
{
    const auto value = cache_->get();
    if (!value->is_text)
        detail::throw_secret_format(*cache_, "it is bytes, not text; binary() gives them");
    return value->bytes;
}

std::vector<std::byte> secret::binary() const
{
    const auto value = cache_->get();
    const auto bytes = std::as_bytes(std::span(value->bytes));
    return {bytes.begin(), bytes.end()};
}

json::value secret::json() const
{
    try {
        return parse_json_text(value());
    } catch (const json_error& failure) {
        detail::throw_secret_format(*cache_, failure.what());
    }
}

} // namespace nimbus
