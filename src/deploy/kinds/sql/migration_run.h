#pragma once

#include "deploy/kinds/sql/migrations.h"

#include <array>
#include <string_view>
#include <vector>

namespace nimbus::deploy::sql {

/// How PostgreSQL says that what a statement makes is there.
/// Source: PostgreSQL manual, Appendix A, like those below.
inline constexpr std::array<std::string_view, 5> there_already{"42P07", "42701", "42710", "42723",
                                                               "42P06"};
/// How PostgreSQL says that what a statement uses or takes away is not there.
inline constexpr std::array<std::string_view, 5> not_there{"42P01", "42703", "42704", "42883",
                                                           "3F000"};

/// A statement that the database refused; what came before it stays applied.
class MigrationFailed : public Error {
public:
    struct Refusal {
        std::string reason;   ///< with the SQLSTATE, if it has one
        std::string sqlstate; ///< ""; where Nimbus cannot do what it says
        std::string advice;   ///< what to do, wherever it was refused; or ""
    };

    /// `hint`: what to do where that is `refusal.advice` or not known.
    MigrationFailed(MigrationStep step, Refusal refusal, std::string hint);

    const MigrationStep& step() const noexcept { return step_; }
    const Refusal& refusal() const noexcept { return refusal_; }

private:
    MigrationStep step_;
    Refusal refusal_;
};

/// Applies what is not applied yet, in its order, each once, as the role of the application's
/// functions: they own what it makes. What an earlier run began and did not finish is finished.
/// Throws MigrationFailed; Error when the connection is lost again and again.
void run_migrations(World& world, const SchemaOutputs& schema, const MigrationsInputs& wanted);

/// Writes that these are applied, without running them: file by file, so that a run that was killed
/// can be done again.
void record_migrations(World& world, const SchemaOutputs& schema,
                       const std::vector<MigrationStep>& steps);

} // namespace nimbus::deploy::sql
