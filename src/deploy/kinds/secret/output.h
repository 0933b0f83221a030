#pragma once

#include <boost/describe/class.hpp>

#include <string>

namespace nimbus::deploy::secret {

inline constexpr const char* kind_name = "secret";

/// A deployed secret, as `deploy --json` prints it: never with its value.
struct SecretOutput {
    std::string name; ///< as declared
    std::string arn;
    std::string secret_name; ///< in Secrets Manager
};
BOOST_DESCRIBE_STRUCT(SecretOutput, (), (name, arn, secret_name))

} // namespace nimbus::deploy::secret
