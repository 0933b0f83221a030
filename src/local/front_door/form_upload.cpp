#include "local/front_door/form_upload.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "local/services/answers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace nimbus::local {
namespace {

constexpr std::string_view form_type = "multipart/form-data";

[[noreturn]] void refuse(std::string code, const std::string& message, json::object members = {})
{
    throw ServiceError(400, std::move(code), message, std::move(members));
}

[[noreturn]] void throw_malformed()
{
    refuse("MalformedPOSTRequest", "The body of your POST request is not well-formed "
                                   "multipart/form-data.");
}

[[noreturn]] void throw_against_policy(const std::string& reason)
{
    throw ServiceError(403, "AccessDenied", "Invalid according to Policy: " + reason);
}

/// The value of `name="…"` or `name=…` among the parameters of a header's value (RFC 9110 section
/// 5.6.6); nothing when there is none.
std::optional<std::string> header_parameter(std::string_view header, std::string_view name)
{
    for (auto rest = header.substr(std::min(header.find(';'), header.size())); !rest.empty();) {
        rest = trim(rest.substr(1));
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos)
            return std::nullopt;
        const bool is_it = iequals(trim(rest.substr(0, equals)), name);
        rest = trim(rest.substr(equals + 1));
        const bool is_quoted = rest.starts_with('"');
        const auto end = is_quoted ? rest.find('"', 1) : std::min(rest.find(';'), rest.size());
        if (end == std::string_view::npos)
            return std::nullopt;
        const auto value = is_quoted ? rest.substr(1, end - 1) : trim(rest.substr(0, end));
        if (is_it)
            return std::string(value);
        rest = rest.substr(std::min(rest.find(';', end), rest.size()));
    }
    return std::nullopt;
}

struct Part {
    std::string name;
    std::optional<std::string> filename;
    std::string content_type;
    std::string_view content;
};

Part read_part(std::string_view text)
{
    Part part;
    const auto blank = text.find("\r\n\r\n");
    if (blank == std::string_view::npos)
        throw_malformed();
    part.content = text.substr(blank + 4);
    for (auto headers = text.substr(0, blank); !headers.empty();) {
        const auto end = std::min(headers.find("\r\n"), headers.size());
        const auto line = headers.substr(0, end);
        headers.remove_prefix(std::min(end + 2, headers.size()));
        const auto colon = std::min(line.find(':'), line.size());
        const auto value = trim(line.substr(std::min(colon + 1, line.size())));
        if (iequals(line.substr(0, colon), "content-disposition")) {
            part.name = to_lower(header_parameter(value, "name").value_or(""));
            part.filename = header_parameter(value, "filename");
        } else if (iequals(line.substr(0, colon), "content-type")) {
            part.content_type = value;
        }
    }
    if (part.name.empty())
        throw_malformed();
    return part;
}

/// RFC 2046 section 5.1.1: the parts between the delimiters, without what is before and after.
std::vector<Part> read_parts(std::string_view body, const std::string& boundary)
{
    const auto first = "--" + boundary;
    const auto next = "\r\n" + first;
    std::vector<Part> parts;
    const auto start = body.starts_with(first) ? std::size_t{0} : body.find(next);
    if (boundary.empty() || start == std::string_view::npos)
        throw_malformed();
    body.remove_prefix(start + (start == 0 ? first.size() : next.size()));
    while (!body.starts_with("--")) {
        const auto line_end = body.find("\r\n");
        const auto end = body.find(next);
        if (line_end == std::string_view::npos || end == std::string_view::npos || end < line_end)
            throw_malformed();
        parts.push_back(read_part(body.substr(line_end + 2, end - line_end - 2)));
        body.remove_prefix(end + next.size());
    }
    return parts;
}

/// The fields of a form that are headers of PutObject. Every other one that begins with x-amz- is
/// one, too, but those that sign the form.
constexpr std::array<std::string_view, 7> header_fields{
    "cache-control", "content-disposition", "content-encoding", "content-language",
    "content-md5",   "content-type",        "expires"};

constexpr std::array<std::string_view, 5> signing_fields{
    "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token", "x-amz-signature"};

/// Fields that need no condition in the policy.
bool is_free(std::string_view name)
{
    constexpr std::array<std::string_view, 5> free{"awsaccesskeyid", "signature", "x-amz-signature",
                                                   "policy", "file"};
    return std::ranges::find(free, name) != free.end() || name.starts_with("x-ignore-");
}

const json::array& conditions_of(const json::object& policy)
{
    const auto* conditions = array_member(policy, "conditions");
    if (conditions == nullptr)
        throw_against_policy("Invalid Policy: 'conditions' is missing.");
    return *conditions;
}

json::object parse_policy(const std::string& encoded)
{
    try {
        auto policy = parse_json(base64_decode(encoded).value_or(""), "the policy");
        if (policy.is_object())
            return std::move(policy.get_object());
    } catch (const Error&) {
        // Told below, in S3's words.
    }
    refuse("InvalidPolicyDocument",
           "The content of the form does not meet the conditions specified in the policy document: "
           "it is not JSON in base64.");
}

std::uint64_t size_of(const json::value& value)
{
    std::optional<std::uint64_t> size;
    if (const auto* text = value.if_string())
        size = parse_number<std::uint64_t>(*text);
    else if (const auto* number = value.if_int64(); number != nullptr && *number >= 0)
        size = static_cast<std::uint64_t>(*number);
    if (!size)
        throw_against_policy("Invalid Policy: content-length-range needs two numbers.");
    return *size;
}

} // namespace

bool is_form_upload(const http::Request& request)
{
    const auto path = request.path();
    const auto slash = path.find('/', std::min<std::size_t>(1, path.size()));
    return request.method == "POST" && request.query().empty() && path.size() > 1 &&
           (slash == std::string_view::npos || slash + 1 == path.size()) &&
           !request.headers.contains("authorization") &&
           iequals(request.headers.get("content-type").substr(0, form_type.size()), form_type);
}

FormUpload::FormUpload(const http::Request& request)
{
    auto path = request.path().substr(1);
    if (path.ends_with('/'))
        path.remove_suffix(1);
    bucket_ = percent_decode(path);
    const auto boundary = header_parameter(request.headers.get("content-type"), "boundary");
    std::string filename;
    bool has_file = false;
    for (auto& part : read_parts(request.body, boundary.value_or(""))) {
        if (part.name == "file") {
            file_ = part.content;
            filename = part.filename.value_or("");
            has_file = true;
            break; // S3 ignores what comes after it
        }
        if (part.content.size() > 20'480)
            refuse("MaxPostPreDataLengthExceeded",
                   "Your POST request fields preceding the upload file was too large.");
        if (!fields_.emplace(part.name, part.content).second)
            refuse("InvalidArgument", "The field '" + part.name + "' is given more than once.");
    }
    if (!has_file)
        refuse("InvalidArgument", "POST requires exactly one file upload per request.");
    if (!fields_.contains("key"))
        refuse("InvalidArgument", "Bucket POST must contain a field named 'key'.  If it is "
                                  "specified, please check the order of the fields.");
    filename = filename.substr(filename.find_last_of("/\\") + 1);
    key_ = replace_all(field("key"), "${filename}", filename);
}

const std::string& FormUpload::field(std::string_view name) const
{
    static const std::string none;
    const auto found = fields_.find(to_lower(name));
    return found == fields_.end() ? none : found->second;
}

std::string FormUpload::value_of(std::string_view name) const
{
    const auto lower = to_lower(name);
    if (lower == "bucket")
        return bucket_;
    return lower == "key" ? key_ : field(lower);
}

void FormUpload::check_condition(std::string_view matching, std::string_view name,
                                 std::string_view expected) const
{
    const auto value = value_of(name);
    const bool holds = matching == "eq" ? value == expected : value.starts_with(expected);
    if (!holds)
        throw_against_policy("Policy Condition failed: [\"" + std::string(matching) + "\", \"$" +
                             std::string(name) + "\", \"" + std::string(expected) + "\"]");
}

void FormUpload::check_size(std::uint64_t least, std::uint64_t most) const
{
    const auto size = std::to_string(file_.size());
    if (file_.size() < least)
        refuse("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
               {{"ProposedSize", size}, {"MinSizeAllowed", std::to_string(least)}});
    if (file_.size() > most)
        refuse("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
               {{"ProposedSize", size}, {"MaxSizeAllowed", std::to_string(most)}});
}

void FormUpload::check_policy(SystemTime now) const
{
    const auto policy = parse_policy(field("policy"));
    const auto expiration = parse_iso8601(string_or_empty(policy, "expiration"));
    if (!expiration)
        throw_against_policy("Invalid Policy: Invalid 'expiration' value.");
    if (*expiration <= now)
        throw_against_policy("Policy expired.");
    std::vector<std::string> known{"bucket"};
    for (const auto& condition : conditions_of(policy)) {
        if (const auto* exact = condition.if_object()) {
            for (const auto& [name, value] : *exact) {
                known.push_back(to_lower(name));
                check_condition("eq", name, value.is_string() ? value.get_string() : "");
            }
            continue;
        }
        const auto* list = condition.if_array();
        const auto* first = list != nullptr && list->size() == 3 ? (*list)[0].if_string() : nullptr;
        const auto matching = first != nullptr ? to_lower(*first) : std::string();
        if (matching == "content-length-range") {
            check_size(size_of((*list)[1]), size_of((*list)[2]));
            continue;
        }
        const auto* name = !matching.empty() ? (*list)[1].if_string() : nullptr;
        const auto* value = !matching.empty() ? (*list)[2].if_string() : nullptr;
        if ((matching != "eq" && matching != "starts-with") || name == nullptr ||
            value == nullptr || !name->starts_with('$'))
            throw_against_policy("Invalid Policy: Invalid Condition.");
        known.push_back(to_lower(name->subview(1)));
        check_condition(matching, name->subview(1), *value);
    }
    for (const auto& [name, value] : fields_)
        if (!is_free(name) && std::ranges::find(known, name) == known.end())
            throw_against_policy("Extra input fields: " + name);
}

http::Request FormUpload::put_request() const
{
    http::Request request{.method = "PUT",
                          .target =
                              "/" + percent_encode(bucket_) + "/" + percent_encode(key_, true),
                          .body = file_};
    const auto is_one_of = [](const auto& list, std::string_view name) {
        return std::ranges::find(list, name) != list.end();
    };
    for (const auto& [name, value] : fields_) {
        if (name == "acl" || name == "tagging")
            request.headers.add("x-amz-" + name, value);
        else if (is_one_of(header_fields, name) ||
                 (name.starts_with("x-amz-") && !is_one_of(signing_fields, name)))
            request.headers.add(name, value);
    }
    return request;
}

http::Response FormUpload::answer(const http::Response& put, const std::string& endpoint) const
{
    if (put.status != 200)
        return put;
    const std::string etag(put.headers.get("etag"));
    const auto location = endpoint + "/" + bucket_ + "/" + percent_encode(key_, true);
    const auto& redirect =
        field(fields_.contains("success_action_redirect") ? "success_action_redirect" : "redirect");
    auto answer = put;
    answer.body.clear();
    answer.headers.set("location", location);
    if (!redirect.empty()) {
        answer.status = 303;
        answer.headers.set("location",
                           redirect + (redirect.find('?') == std::string::npos ? "?" : "&") +
                               "bucket=" + percent_encode(bucket_) +
                               "&key=" + percent_encode(key_) + "&etag=" + percent_encode(etag));
        return answer;
    }
    const auto status = field("success_action_status");
    answer.status = status == "200" ? 200 : status == "201" ? 201 : 204;
    if (answer.status == 201) {
        Xml xml;
        xml.group("PostResponse", [&](Xml& body) {
            body.text("Location", location);
            body.text("Bucket", bucket_);
            body.text("Key", key_);
            body.text("ETag", etag);
        });
        answer.body = xml.str();
        answer.headers.set("content-type", "application/xml");
    }
    return answer;
}

sigv4::Claim claim_of(const FormUpload& form)
{
    const auto parts = split(form.field("x-amz-credential"), '/');
    const auto signed_at = parse_amz_date(form.field("x-amz-date"));
    if (form.field("x-amz-algorithm") != "AWS4-HMAC-SHA256" || parts.size() != 5 ||
        parts[3] != "s3" || parts[4] != "aws4_request" || !signed_at ||
        !form.field("x-amz-date").starts_with(parts[1]))
        refuse("InvalidArgument",
               "A form that is signed by version 4 needs the fields x-amz-algorithm "
               "(AWS4-HMAC-SHA256), x-amz-credential, x-amz-date and x-amz-signature.");
    return {.access_key_id = std::string(parts[0]),
            .scope = {.date = std::string(parts[1]),
                      .region = std::string(parts[2]),
                      .service = std::string(parts[3])},
            .amz_date = form.field("x-amz-date"),
            .signed_at = *signed_at,
            .signature = form.field("x-amz-signature"),
            .session_token = form.field("x-amz-security-token")};
}

} // namespace nimbus::local
