#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::cli {

/// A secret that a .env file sets.
struct ImportedSecret {
    std::string name; ///< stripe-key
    std::string value;

    bool operator==(const ImportedSecret&) const = default;
};

/// The secret that a variable of a .env file sets: STRIPE_KEY is stripe-key.
std::string secret_name_of(const std::string& variable);

/// The secrets that the .env file `text` sets. Throws Error that names
/// all mistakes of the file, each as "<source>:<line>: …", and no value.
std::vector<ImportedSecret> read_dotenv_secrets(std::string_view text, const std::string& source);

} // namespace nimbus::cli
