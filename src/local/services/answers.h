#pragma once

#include "base/time.h"
#include "local/services/service.h"

#include <functional>
#include <string>
#include <string_view>

/// How answers are written in the four protocols.
namespace nimbus::local {

http::Response json_answer(const json::object& body, int status = 200);
/// Content type application/x-amz-json-1.1.
http::Response json_1_1_answer(const json::object& body);
/// How JSON protocols write dates: seconds since the epoch, with a fraction.
double epoch_seconds(SystemTime time);
http::Response no_content(int status = 204);
/// The text is the member "message", or "Message" where the error brings that itself.
http::Response json_error(const ServiceError& error, Protocol protocol);

/// Builds XML text: elements open and close, text is escaped.
class Xml {
public:
    explicit Xml(bool with_declaration = true);

    Xml& open(std::string_view name, std::string_view xml_namespace = {});
    Xml& close(std::string_view name);
    Xml& text(std::string_view name, std::string_view value);
    /// Everything between <name> and </name>.
    Xml& group(std::string_view name, const std::function<void(Xml&)>& content);

    const std::string& str() const noexcept { return text_; }

private:
    std::string text_;
};

http::Response xml_answer(const Xml& xml, int status = 200);
/// <ActionResponse><ActionResult>…</ActionResult><ResponseMetadata>…; `result` may be empty.
http::Response query_answer(const Call& call, std::string_view action,
                            std::string_view xml_namespace,
                            const std::function<void(Xml&)>& result = {});
http::Response query_error(const ServiceError& error, std::string_view xml_namespace,
                           const std::string& request_id);
http::Response s3_error(const ServiceError& error, const std::string& resource,
                        const std::string& request_id);

} // namespace nimbus::local
