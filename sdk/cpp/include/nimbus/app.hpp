#pragma once

#include <nimbus/api.hpp>
#include <nimbus/app_options.hpp>
#include <nimbus/secret.hpp>
#include <nimbus/sql.hpp>
#include <nimbus/timer.hpp>
#include <source_location>

namespace nimbus {

/// The application: what it needs, and the handlers. Declare everything, then return run().
///
/// What it can declare is in the header of each kind of resource: app.api, app.on_error and
/// app.invoke in api.hpp; app.secret and app.override_secret in secret.hpp; app.sql in sql.hpp;
/// app.timer and app.invoke_timer in timer.hpp.
class app : public detail::api_declarations,
            public detail::secret_declarations,
            public detail::sql_declarations,
            public detail::timer_declarations {
public:
    explicit app(app_options options,
                 std::source_location declared = std::source_location::current());

    /// What the process is asked for by its environment:
    /// - NIMBUS_MANIFEST_OUT=<file>: writes the declarations there, and beside them, as
    ///   <file>.places, where in the source they are; 0, or 1 with the reason on stderr
    /// - AWS_LAMBDA_RUNTIME_API and _HANDLER: serves that function until it is stopped
    /// - neither: says what this program is and how to deploy it; 2
    int run(int argc, char** argv);
};

} // namespace nimbus
