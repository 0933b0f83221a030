#include "local/dsql/token.h"

#include "base/arn.h"
#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "sigv4/sigv4.h"

#include <set>

namespace nimbus::local::dsql {
namespace {

constexpr std::string_view connect_action = "DbConnect";
constexpr std::string_view admin_action = "DbConnectAdmin";

/// A token taken apart.
struct Parts {
    std::string host;
    std::string query;
    std::string action;
};

std::unexpected<Refusal> denied(std::string hint)
{
    return std::unexpected(access_denied(std::move(hint)));
}

/// A URL without its scheme. AWS's signers differ in whether there is a path: Go's leaves it out,
/// and signs "/" as all do. Every parameter may be there once, and Action must be.
std::expected<Parts, Refusal> take_apart(std::string_view token)
{
    const auto question_mark = token.find('?');
    auto host = token.substr(0, question_mark);
    if (host.ends_with('/'))
        host.remove_suffix(1);
    if (question_mark == std::string_view::npos || host.empty() || host.contains('/'))
        return denied("The password is not an authentication token");
    Parts parts;
    parts.host = host;
    parts.query = token.substr(question_mark + 1);
    std::set<std::string> seen;
    for (const auto parameter : split(parts.query, '&')) {
        const auto equals = parameter.find('=');
        auto name = percent_decode(parameter.substr(0, equals));
        if (name == "Action" && equals != std::string_view::npos)
            parts.action = percent_decode(parameter.substr(equals + 1));
        if (!seen.insert(std::move(name)).second)
            return denied("A parameter of the token is given more than once");
    }
    if (parts.action != connect_action && parts.action != admin_action)
        return denied("The token's action is not one of DbConnect, DbConnectAdmin");
    return parts;
}

bool names_cluster(std::string_view host, const Cluster& cluster)
{
    return iequals(host, cluster_host_name(cluster.id, cluster.region)) ||
           (!cluster.address.empty() && host == cluster.address);
}

std::string failure_hint(const sigv4::Failure& failure, const sigv4::Claim& claim, SystemTime now)
{
    if (failure.code != sigv4::FailureCode::expired)
        return failure.message;
    return token_expired(claim.signed_at + claim.expires, now).hint;
}

} // namespace

Refusal access_denied(std::string hint)
{
    return {.sqlstate = sqlstate::connection_failure,
            .message = "unable to accept connection, access denied",
            .hint = std::move(hint)};
}

Refusal token_expired(SystemTime expired, SystemTime now)
{
    return access_denied("Signature expired: " + format_amz_date(expired) +
                         " is now earlier than " + format_amz_date(now));
}

std::expected<Principal, Refusal> verify_token(std::string_view token, const std::string& user,
                                               const Cluster& cluster, AccessControl& access,
                                               SystemTime now)
{
    const auto parts = take_apart(token);
    if (!parts)
        return std::unexpected(parts.error());
    const sigv4::Request request{
        .method = "GET", .path = "/", .query = parts->query, .headers = {{"host", parts->host}}};
    const auto claim = sigv4::parse_claim(request);
    if (!claim)
        return denied(claim.error().message);
    if (claim->form != sigv4::Form::query || claim->signed_headers.size() != 1)
        return denied("The token must sign the host and nothing else");
    if (!names_cluster(parts->host, cluster))
        return denied("The token is for another cluster: " + parts->host.substr(0, 255));
    if (claim->scope.service != "dsql" || claim->scope.region != cluster.region)
        return denied("Credential should be scoped to a valid region and to service 'dsql'");

    const auto key = access.find_access_key(claim->access_key_id);
    if (!key || !crypto::equal_constant_time(key->session_token, claim->session_token))
        return denied("The security token included in the request is invalid");
    if (const auto verified =
            sigv4::verify(*claim, request, key->secret_access_key, crypto::sha256_hex(""), now);
        !verified)
        return denied(failure_hint(verified.error(), *claim, now));
    if (key->expires && *key->expires <= now)
        return denied("The security token included in the request is expired");

    const auto wanted = user == admin_user ? admin_action : connect_action;
    if (parts->action != wanted)
        return denied("Wrong user to action mapping. user: " + user + ", action: " + parts->action);
    const auto arn = Arn::parse(cluster.arn);
    if (!arn || arn->account != key->principal.account_id)
        return denied("User: " + key->principal.arn + " is not authorized to access this resource");
    const auto decision =
        access.authorize(key->principal, "dsql:" + std::string(wanted), cluster.arn,
                         cluster.tags ? resource_tags(cluster.tags()) : ConditionContext{});
    if (!decision.allowed)
        return denied(decision.explanation);
    return key->principal;
}

} // namespace nimbus::local::dsql
