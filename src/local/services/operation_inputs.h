#pragma once

#include "local/services/service.h"

/// No member of a request is accepted without effect: what an operation does not know is refused.
namespace nimbus::local {

/// Throws ServiceError with the first member of the call's input that the operation neither takes
/// nor calls harmless. A member that says nothing (null, false, "", an empty list or object) is no
/// input. Members are looked at by the names on the wire: in the JSON or form that the body is, in
/// the query, and, where the operation has headers, in those of the request.
void refuse_unknown_input(const Service& service, const Operation& operation, const Call& call);

} // namespace nimbus::local
