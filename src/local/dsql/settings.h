#pragma once

#include "local/dsql/refusal.h"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Which session parameters DSQL lets clients set: Aurora DSQL User Guide, "Accessing Aurora DSQL".
namespace nimbus::local::dsql {

enum class SettingUse {
    settable, ///< as in PostgreSQL
    ignored,  ///< DSQL's own; it means nothing here
    refused,
};
SettingUse setting_use(std::string_view name);

/// Names of settings compare without case.
bool setting_name_is(std::string_view name, std::string_view other);

/// `setting configuration parameter "<name>" not supported`
Refusal setting_refusal(std::string_view name);

/// Is it UTF8 by one of its names? Other encodings are not served: what the server converts is not
/// what the dialect's parser has read.
bool is_utf8_encoding(std::string_view value);

/// Does the server, which reports this value of a setting, read texts as the dialect's parser has
/// read them? PostgreSQL reports the settings on which that depends: PostgreSQL documentation,
/// "Asynchronous Operations" of the frontend/backend protocol.
bool fits_the_parser(std::string_view name, std::string_view value);

/// For the bootstrap, whose sys.set_config takes the same: the names of what is settable, and those
/// of encodings without anything but letters and digits. In lower case.
std::span<const std::string_view> settable_settings() noexcept;
std::span<const std::string_view> utf8_encoding_names() noexcept;

/// What a client's StartupMessage asks for.
struct StartupWishes {
    std::string user;
    std::string database;
    std::string cluster_id; ///< of amzn-cluster-id, empty when it is not there
    std::vector<std::pair<std::string, std::string>> settings; ///< settable ones, in order
    std::vector<std::string> unknown_options; ///< of the protocol (_pq_.…), to be declined
};

/// Reads the parameters, those inside `options` (-c name=value, --name=value) too.
std::expected<StartupWishes, Refusal>
read_startup_parameters(const std::vector<std::pair<std::string, std::string>>& parameters);

} // namespace nimbus::local::dsql
