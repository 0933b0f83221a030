#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <nimbus/detail/app_part.hpp>
#include <nimbus/json.hpp>
#include <nimbus/secret_error.hpp>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus {

/// The value is not part of the program: `nimbus secret set NAME` gives it.
struct secret_options {
    std::string name; ///< lower-case letters, digits, dashes: becomes SECRET_<NAME>_ARN
    std::string description{};
    std::string kms_key_id{}; ///< the KMS key that encrypts it; empty: AWS's own
    /// How old a value may be when it is used: see secret.
    std::chrono::milliseconds ttl = std::chrono::minutes{5};
};

namespace detail {
class SecretCache; // the value and its renewal; sdk/cpp/src/secret/cache.h
[[noreturn]] void throw_secret_format(const SecretCache& of, std::string_view mistake);
} // namespace detail

/// A secret of the application, in AWS Secrets Manager. Cheap to copy: handlers capture it by
/// value, and the copies share one value, which is fetched when it is first asked for and kept for
/// the next invocations. Any thread may ask.
///
/// A value is used for `ttl`. In the last fifth of that time a call starts a thread that fetches it
/// anew, and goes on with the one that is there, so that a busy function does not wait for Secrets
/// Manager. A value that has become older than `ttl`, in an instance that had nothing to do, is
/// fetched while the caller waits. Where that fails, the old value stays in use for another hour at
/// most, which is logged; the value never is.
///
/// All throw the classes of secret_error.hpp.
class secret {
public:
    /// Used by app::secret.
    explicit secret(std::shared_ptr<detail::SecretCache> cache) noexcept;

    /// As the application declares it.
    const std::string& name() const noexcept;
    /// The text. Throws secret_format_error when the value is bytes and no text.
    std::string value() const;
    /// The bytes, or those of the text.
    std::vector<std::byte> binary() const;
    /// The text as JSON, or as a described struct. Throws secret_format_error, which names what
    /// does not fit and not what is there.
    json::value json() const;
    template <class T>
    T json() const
    {
        try {
            return from_json<T>(json());
        } catch (const json_error& failure) {
            detail::throw_secret_format(*cache_, failure.what());
        }
    }

private:
    std::shared_ptr<detail::SecretCache> cache_;
};

namespace detail {

/// The part of nimbus::app that is about secrets.
class secret_declarations : public virtual app_part {
public:
    nimbus::secret secret(secret_options options,
                          std::source_location declared = std::source_location::current());

    /// For unit tests: the secret `name` has this value, and nothing is fetched. Throws
    /// std::out_of_range when the application declares no such secret.
    void override_secret(std::string_view name, std::string value);

protected:
    ~secret_declarations() = default;
};

} // namespace detail

} // namespace nimbus
