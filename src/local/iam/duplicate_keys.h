#pragma once

#include <string_view>

namespace nimbus::local::iam {

/// Does an object of this JSON text have a key twice? Parsers take the last one in silence; IAM
/// refuses the document. False for a text that is no JSON.
bool has_duplicate_keys(std::string_view json_text);

} // namespace nimbus::local::iam
