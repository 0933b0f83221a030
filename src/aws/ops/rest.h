#pragma once

#include "aws/operation.h"

#include <string>

/// Members of a request in its path and query: both REST protocols.
namespace nimbus::aws {

/// A name, percent-encoded: one segment of a path, or with `keep_slash` several. An empty one is a
/// mistake of the caller's and throws std::invalid_argument: DELETE /<bucket>/<no key> would delete
/// the bucket.
std::string path_segment(const std::string& name, bool keep_slash = false);

/// Left out when it is empty, or 0.
void add_query(Encoded& request, std::string name, const std::string& value);
void add_query(Encoded& request, std::string name, int value);

} // namespace nimbus::aws
