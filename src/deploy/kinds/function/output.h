#pragma once

#include <boost/describe/class.hpp>

#include <string>

namespace nimbus::deploy::function {

inline constexpr const char* kind_name = "function";

/// A deployed function, as `deploy --json` prints it.
struct FunctionOutput {
    std::string name; ///< as declared
    std::string arn;
    std::string log_group;
};
BOOST_DESCRIBE_STRUCT(FunctionOutput, (), (name, arn, log_group))

} // namespace nimbus::deploy::function
