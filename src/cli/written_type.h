#pragma once

#include "frontends/source_types.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// Types as sources write them, and types of PostgreSQL as format_type writes them.
namespace nimbus::cli {

/// The parts of `text` between separators outside of brackets.
std::vector<std::string> parts_of(std::string_view text, char separator);

/// A type of C++ with its arguments, taken apart: "std::optional<int>" is "optional" of "int".
struct WrittenType {
    std::string name; ///< without the namespaces of the libraries
    std::vector<std::string> arguments;
};
WrittenType taken_apart(std::string_view type);

/// What the name stands for, where the program has another name for a type.
std::string resolved(std::string type, const frontends::SourceTypes& types);

/// 'open' is a string, 1 a number.
std::vector<std::string> alternatives_of(const std::string& type,
                                         const frontends::SourceTypes& types);

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words);

bool is_integer_of_cpp(std::string_view name);

bool is_text(std::string_view parameter);
bool is_number(std::string_view parameter);
bool is_json(std::string_view parameter);

} // namespace nimbus::cli
