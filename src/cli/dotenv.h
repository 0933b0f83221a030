#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::cli {

/// One line NAME=value of a .env file.
struct DotenvEntry {
    std::string name;
    std::string value;
    std::size_t line = 1; ///< where its name stands, from 1

    bool operator==(const DotenvEntry&) const = default;
};

/// Reads a .env file: what is common to the tools that do (dotenv for Node.js and Python, Docker
/// Compose, shells).
///
///     # a comment                     NAME=a value, to the end of the line   # a comment
///     export NAME=value               NAME='as it is, over several lines if need be'
///     NAME="with \n \r \t \" \\ \$"   NAME=`as it is`
///
/// `$` stands for itself. Throws Error "<source>:<line>: …", which never quotes the file: what
/// stands in a wrong line may be half of a secret.
std::vector<DotenvEntry> parse_dotenv(std::string_view text, const std::string& source);

} // namespace nimbus::cli
