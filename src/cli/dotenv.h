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

/// What is wrong in a line, in words that never quote the file: what stands in a wrong line may be
/// half of a secret.
struct DotenvMistake {
    std::size_t line = 1; ///< from 1
    std::string text;     ///< "there is no '=' after the name"

    bool operator==(const DotenvMistake&) const = default;
};

/// What a .env file says, both in the order of the lines.
struct DotenvFile {
    std::vector<DotenvEntry> entries;
    std::vector<DotenvMistake> mistakes;
};

/// Reads a .env file: what is common to the tools that do (dotenv for Node.js and Python, Docker
/// Compose, shells).
///
///     # a comment                     NAME=a value, to the end of the line   # a comment
///     export NAME=value               NAME='as it is, over several lines if need be'
///     NAME="with \n \r \t \" \\ \$"   NAME=`as it is`
///
/// `$` stands for itself. After a mistake it goes on with the next line; a quote that is not closed
/// is the last one.
DotenvFile parse_dotenv(std::string_view text);

} // namespace nimbus::cli
