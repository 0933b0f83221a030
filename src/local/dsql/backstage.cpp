#include "local/dsql/backstage.h"

#include <algorithm>

namespace nimbus::local::dsql {
namespace {

constexpr std::chrono::seconds time_for_ours{30};
/// As long as DSQL's longest transaction.
constexpr std::chrono::seconds time_for_changes{300};
/// A statement that takes longer may be waiting for somebody else's block.
constexpr std::chrono::milliseconds first_look{10};
constexpr unsigned most_doublings = 8;
constexpr std::chrono::milliseconds last_look{200};
/// Who is between two statements has made way by then.
constexpr unsigned patient_attempts = 3;
/// After seconds.
constexpr unsigned polite_attempts = 15;

} // namespace

Backstage::Answer DatabaseBackstage::run(std::initializer_list<std::string_view> statements)
{
    return database_.execute(statements, Deadline::after(time_for_ours));
}

Backstage::Answer DatabaseBackstage::run_first(std::string_view statement, Loss loss)
{
    const auto turn = member_.wait_for_turn();
    if (!turn)
        return std::unexpected(conflict(member_.verdict().value_or(Loss::rows)));
    const auto deadline = Deadline::after(time_for_changes);
    database_.send({statement}, deadline);
    for (unsigned attempt = 0;; ++attempt) {
        const auto look = std::min(patience(attempt, last_look), deadline.remaining());
        try {
            return database_.answer(1, Deadline::after(look));
        } catch (const TimedOut&) {
            if (deadline.reached())
                throw;
            clear_the_way(loss, attempt);
        }
    }
}

std::chrono::milliseconds DatabaseBackstage::patience(unsigned attempt,
                                                      std::chrono::milliseconds longest)
{
    return std::min(first_look * (1 << std::min(attempt, most_doublings)), longest);
}

void DatabaseBackstage::synchronize()
{
    database_.synchronize(Deadline::after(time_for_ours));
}

void DatabaseBackstage::clear_the_way(Loss loss, unsigned attempt)
{
    contention_.clear_the_way(database_.cancel_key().process_id, loss,
                              attempt < patient_attempts  ? Contention::Haste::none
                              : attempt < polite_attempts ? Contention::Haste::cancel
                                                          : Contention::Haste::end);
}

} // namespace nimbus::local::dsql
