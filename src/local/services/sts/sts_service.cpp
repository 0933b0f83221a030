#include "local/services/sts/sts_service.h"

#include "base/arn.h"
#include "local/iam/evaluate.h"
#include "local/services/answers.h"
#include "local/services/form.h"

#include <algorithm>

namespace nimbus::local {
namespace {

constexpr std::string_view xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

http::Response get_caller_identity(Call& call)
{
    return query_answer(call, "GetCallerIdentity", xml_namespace, [&](Xml& xml) {
        xml.text("Arn", call.caller.arn);
        xml.text("UserId", call.caller.user_id);
        xml.text("Account", call.account_id);
    });
}

void check_session_name(const std::string& name)
{
    const auto fine = std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) ||
               std::string_view("_+=,.@-").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (!fine || name.size() < 2 || name.size() > 64)
        throw_validation_error("1 validation error detected: Value '" + name +
                               "' at 'roleSessionName' failed to satisfy constraint: Member must "
                               "satisfy regular expression pattern: [\\w+=,.@-]*");
}

class Sts {
public:
    Sts(iam::IdentityStore& store, iam::IdentityAccess& access) : store_(store), access_(access) {}

    http::Response assume_role(Call& call) const
    {
        const auto arn = required_form_value(call, "RoleArn");
        const auto session = required_form_value(call, "RoleSessionName");
        check_session_name(session);
        if (form_value(call, "Policy") || !form_list(call, "PolicyArns").empty() ||
            form_value(call, "PolicyArns.member.1.arn"))
            throw ServiceError(400, "ValidationError",
                               "The local cloud does not support session policies.");
        const auto parsed = Arn::parse(arn);
        if (!parsed || parsed->service != "iam" || !parsed->resource.starts_with("role/"))
            throw_validation_error(arn + " is invalid");
        if (call.caller.kind == Principal::Kind::root)
            throw ServiceError(403, "AccessDenied", "Roles may not be assumed by root accounts.");
        const auto role = store_.find_by_arn(arn);
        if (!role || role->kind != iam::Identity::Kind::role || !may_assume(call, *role))
            throw ServiceError(
                403, "AccessDenied",
                "User: " + call.caller.arn +
                    " is not authorized to perform: sts:AssumeRole on resource: " + arn);
        const auto seconds = form_integer(call, "DurationSeconds", 900, 43'200).value_or(3600);
        if (seconds > role->max_session_seconds)
            throw_validation_error("The requested DurationSeconds exceeds the MaxSessionDuration "
                                   "set for this role.");
        const auto key = store_.open_session(*role, session, std::chrono::seconds(seconds));
        return query_answer(call, "AssumeRole", xml_namespace, [&](Xml& xml) {
            xml.group("AssumedRoleUser", [&](Xml& user) {
                user.text("AssumedRoleId", key.principal.user_id);
                user.text("Arn", key.principal.arn);
            });
            xml.group("Credentials", [&](Xml& credentials) {
                credentials.text("AccessKeyId", key.access_key_id);
                credentials.text("SecretAccessKey", key.secret_access_key);
                credentials.text("SessionToken", key.session_token);
                credentials.text("Expiration", format_iso8601_seconds(*key.expires));
            });
        });
    }

private:
    /// The trust policy has to let the caller in, and no policy of the caller's may deny it. A
    /// trust policy that names the account leaves the decision to the caller's policies.
    bool may_assume(const Call& call, const iam::Identity& role) const
    {
        auto context = condition_context(call);
        if (const auto external_id = form_value(call, "ExternalId"))
            context["sts:ExternalId"] = *external_id;
        const auto question = access_.question_of(call.caller, "sts:AssumeRole", role.arn, context);
        const auto trust = iam::parse_policy(role.trust_policy, iam::PolicyUse::trust);
        if (iam::evaluate_trust(trust, question) != iam::Verdict::allow)
            return false;
        const auto decision =
            access_.authorize(call.caller, question.action, role.arn, question.context, {});
        return decision.allowed ||
               (!decision.denied && iam::evaluate_trust(naming_caller(trust, call.caller),
                                                        question) == iam::Verdict::allow);
    }

    /// The statements that name the caller, and not the account.
    static iam::PolicyDocument naming_caller(iam::PolicyDocument trust, const Principal& caller)
    {
        std::erase_if(trust.statements, [&](const iam::Statement& statement) {
            const auto aws = statement.principals.find("AWS");
            return aws == statement.principals.end() ||
                   std::ranges::none_of(aws->second, [&](const std::string& name) {
                       return name == caller.arn || name == caller.identity_arn;
                   });
        });
        return trust;
    }

    iam::IdentityStore& store_;
    iam::IdentityAccess& access_;
};

} // namespace

Service make_sts_service(iam::IdentityStore& store, iam::IdentityAccess& access)
{
    const Sts sts(store, access);
    return {.signing_name = "sts",
            .protocol = Protocol::query,
            .api = std::string(xml_namespace),
            .operations =
                {
                    {.name = "GetCallerIdentity", .answer = Answer(get_caller_identity)},
                    {.name = "AssumeRole",
                     .answer = Answer([sts](Call& call) { return sts.assume_role(call); })},
                },
            .inputs = sts_inputs(),
            .input_error = "ValidationError"};
}

} // namespace nimbus::local
