#pragma once

#include "local/iam/identity_store.h"
#include "local/iam/policy_document.h"
#include "local/services/answers.h"
#include "local/services/service.h"

#include <functional>

namespace nimbus::local {

/// IAM: roles, users, access keys, policies. `store` outlives the service.
Service make_iam_service(iam::IdentityStore& store);
/// What its operations do with their input.
std::vector<InputMembers> iam_inputs();

/// The parts of IAM's table of operations, one file each.
std::vector<Operation> iam_role_operations(iam::IdentityStore& store);
std::vector<Operation> iam_user_operations(iam::IdentityStore& store);
std::vector<Operation> iam_policy_operations(iam::IdentityStore& store);
std::vector<Operation> iam_boundary_operations(iam::IdentityStore& store);

/// What those files share.
namespace iam_api {

inline constexpr std::string_view xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Throws NoSuchEntity.
iam::Identity need_identity(iam::IdentityStore& store, iam::Identity::Kind kind,
                            const std::string& name);
/// Throws UnmodifiableEntity when the identity is a role that only a service changes.
void require_changeable(const iam::Identity& identity);
/// The field's value if it is a fit name of at most `longest` characters; throws ValidationError.
std::string name_field(const Call& call, std::string_view field, std::size_t longest);
/// The Path field, "/" when there is none; throws ValidationError.
std::string path_field(const Call& call);
/// Throws MalformedPolicyDocument or LimitExceeded.
std::string policy_field(const Call& call, std::string_view field, iam::PolicyUse use,
                         std::size_t longest);
/// Tags.member.N.Key and .Value; checks AWS's limits on them.
iam::Tags form_tags(const Call& call);
void write_tags(Xml& xml, const iam::Tags& tags);
http::Response answer(const Call& call, std::string_view action,
                      const std::function<void(Xml&)>& result = {});

/// Writes `<name><member>…</member>…</name>`, IsTruncated and Marker for one page (Marker and
/// MaxItems) of `count` items.
void write_page(Xml& xml, const Call& call, std::string_view name, std::size_t count,
                const std::function<void(Xml&, std::size_t)>& item);

/// The field PermissionsBoundary: the ARN of a policy that there is. Throws NoSuchEntity.
std::string boundary_field(iam::IdentityStore& store, const Call& call);
/// What conditions may test of a call, as iam_context, that changes a role: iam:PermissionsBoundary
/// is the one that is asked for, or else the role's. Source: Service Authorization Reference,
/// "Actions, resources, and condition keys for AWS Identity and Access Management".
std::function<ConditionContext(const Call&)> boundary_context(iam::IdentityStore& store);
/// The tags of the role, user or managed policy that the call names, as aws:ResourceTag/… and
/// iam:ResourceTag/….
ConditionContext iam_context(iam::IdentityStore& store, const Call& call);

/// The ARN that a permission on an identity is asked for: the identity's own if it exists.
std::function<std::string(const Call&)> identity_resource(iam::IdentityStore& store,
                                                          iam::Identity::Kind kind);

} // namespace iam_api
} // namespace nimbus::local
