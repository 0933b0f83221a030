#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include <string>

/// What RFC 9112 asks of a request beyond what Boost.Beast's parser checks.
namespace nimbus::http {

using RequestHead = boost::beast::http::request_header<boost::beast::http::fields>;

/// May the request be answered with anything but 400? Its Host is there once and has the form of a
/// host (RFC 9112 section 3.2), its target has a form that goes with its method (3.2.1 to 3.2.4),
/// and there is one way to tell where its body ends (6.1, 6.3): no Transfer-Encoding beside a
/// Content-Length, in HTTP/1.0, or without chunked at its end.
bool is_well_formed(const RequestHead& head);

/// The target as path and query: of one in absolute form, what follows the host (RFC 9112 section
/// 3.2.2).
std::string path_of_target(const RequestHead& head);

} // namespace nimbus::http
