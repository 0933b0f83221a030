#pragma once

#include "local/services/secretsmanager/secret_store.h"
#include "local/services/service.h"

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local::secretsmanager_api {

/// One of ListSecrets' filters: the key, and values of which one has to match. A value that starts
/// with ! matches what does not have the rest of it.
struct Filter {
    std::string key;
    std::vector<std::string> values;

    /// name, tag-key and tag-value compare the beginning, with case; description and all compare
    /// words, without; primary-region and owning-service match nothing, because no secret here has
    /// them. Source: Secrets Manager API Reference, "Filter".
    bool matches(const Secret& secret) const;
};

/// The input's Filters. Throws ValidationException or InvalidParameterException.
std::vector<Filter> filters_of(const Call& call);

/// The secrets of the Region that fit all of the input's Filters, in the order that SortBy and
/// SortOrder ask for; with those that wait for deletion only where IncludePlannedDeletion says so.
std::vector<Secret> matching_secrets(SecretStore& store, const Call& call);

/// Words are what special characters separate, and what capital letters begin: "myDb/Main" has
/// "my", "Db" and "Main". In lower case.
std::vector<std::string> words_of(std::string_view text);

} // namespace nimbus::local::secretsmanager_api
