#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace nimbus {

/// A file that asset() cannot give.
class asset_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The content of a file that app_options::files names, by its path relative to the directory of
/// the program's source: asset("public/page.html"). Read anew by each call.
///
/// In a function the files lie where Lambda unpacks the code (LAMBDA_TASK_ROOT). Elsewhere, as in
/// unit tests, the file is looked for in the working directory, in that of the running program, and
/// in the directories above these: a build directory within the project will do.
///
/// Throws asset_error when there is no such file, or when the path is absolute or leads upwards.
std::string asset(std::string_view path);

} // namespace nimbus
