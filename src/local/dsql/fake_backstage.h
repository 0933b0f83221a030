#pragma once

#include "local/dsql/backstage.h"

#include <string>
#include <vector>

namespace nimbus::local::dsql {

/// A database that does whatever it is told behind the scenes, and remembers it.
class FakeBackstage : public Backstage {
public:
    Answer run(std::initializer_list<std::string_view> statements) override
    {
        statements_.insert(statements_.end(), statements.begin(), statements.end());
        return answer_;
    }
    Answer run_first(std::string_view statement, Loss) override { return run({statement}); }
    void synchronize() override { statements_.emplace_back("(Sync)"); }
    void block_begins() override {}
    void block_ends(BlockEnd) override {}
    void statement_ends(BlockEnd) override {}
    std::optional<Loss> verdict() override { return verdict_; }
    bool was_cancelled() override { return was_cancelled_; }
    bool is_alone() override { return false; }
    bool is_another_in_block() override { return false; }
    bool may_share_keys() override { return false; }
    bool may_defer_keys() override { return false; }
    bool has_news() override { return false; }
    RecentCommits::Relations changed_by_others() override { return {}; }
    std::vector<std::string> locked_by_others() override { return {}; }
    bool has_old_catalog() override { return false; }
    std::set<std::string> renew_catalog() override { return {}; }
    void leave_locks(std::string) override {}
    void leave_changes(const RecentCommits::Relations& changed) override
    {
        left_ = changed;
        ++times_left_;
    }
    /// What was left last, and how often something was.
    const RecentCommits::Relations& left() const noexcept { return left_; }
    int times_left() const noexcept { return times_left_; }

    void lose(Loss loss) { verdict_ = loss; }
    void cancel() { was_cancelled_ = true; }
    /// What statements give from now on.
    void answer(std::string value) { answer_ = std::move(value); }
    const std::vector<std::string>& statements() const noexcept { return statements_; }

private:
    std::vector<std::string> statements_;
    std::optional<Loss> verdict_;
    bool was_cancelled_ = false;
    std::optional<std::string> answer_;
    RecentCommits::Relations left_;
    int times_left_ = 0;
};

} // namespace nimbus::local::dsql
