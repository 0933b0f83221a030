#pragma once

#include "base/time.h"
#include "http/message.h"
#include "sigv4/sigv4.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// An upload to S3 by a form of a browser (multipart/form-data), whose signed policy says what may
/// be uploaded. Source: Amazon S3 API Reference, "Browser-based uploads using POST (AWS Signature
/// Version 4)".
namespace nimbus::local {

/// Is the request such an upload? Its path has to begin with the bucket.
bool is_form_upload(const http::Request& request);

class FormUpload {
public:
    /// Takes the request apart. Throws ServiceError when it is no complete form.
    explicit FormUpload(const http::Request& request);

    /// The field's value, or "". The names of fields have no case.
    const std::string& field(std::string_view name) const;

    /// Throws ServiceError when the policy has expired, a condition of it does not hold, or a field
    /// has no condition.
    void check_policy(SystemTime now) const;

    /// What the form asks for: a PutObject.
    http::Request put_request() const;

    /// The answer to the form, from that of the PutObject.
    http::Response answer(const http::Response& put, const std::string& endpoint) const;

private:
    std::string value_of(std::string_view name) const;
    void check_condition(std::string_view matching, std::string_view name,
                         std::string_view expected) const;
    void check_size(std::uint64_t least, std::uint64_t most) const;

    std::string bucket_;
    std::string key_;
    std::map<std::string, std::string, std::less<>> fields_; ///< by their lower-case names
    std::string file_;
};

/// The claim of a form that is signed by version 4, without its policy; throws ServiceError.
sigv4::Claim claim_of(const FormUpload& form);

} // namespace nimbus::local
