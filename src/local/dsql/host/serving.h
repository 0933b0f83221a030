#pragma once

#include "local/dsql/host/dsql_host.h"
#include "local/dsql/host/listener.h"

namespace nimbus::local::dsql {

/// How a listener serves clients within `context`, which outlives it.
ListenerOptions serving(const DsqlHostOptions& options, const SessionContext& context);

} // namespace nimbus::local::dsql
