#include "local/dsql/isolation_history.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <span>

namespace nimbus::local::dsql::isolation {
namespace {

std::string text_of(const std::vector<Write>& list)
{
    std::string text = "[";
    for (const auto write : list)
        text += (text.size() > 1 ? " " : "") + std::to_string(write);
    return text + ']';
}

/// A graph whose nodes are the beginnings (2 i) and ends (2 i + 1) of transactions.
class Order {
public:
    explicit Order(std::size_t transactions) : after_(2 * transactions) {}

    static std::size_t begin(std::size_t transaction) { return 2 * transaction; }
    static std::size_t end(std::size_t transaction) { return 2 * transaction + 1; }

    void add(std::size_t before, std::size_t after, std::string why)
    {
        after_[before].emplace_back(after, std::move(why));
    }

    /// A cycle in words.
    std::optional<std::string> cycle() const
    {
        enum class Mark : char { fresh, on_path, done };
        std::vector<Mark> marks(after_.size(), Mark::fresh);
        struct Step {
            std::size_t node;
            std::size_t next = 0;
        };
        for (std::size_t root = 0; root < after_.size(); ++root) {
            if (marks[root] != Mark::fresh)
                continue;
            std::vector<Step> path{{root}};
            marks[root] = Mark::on_path;
            while (!path.empty()) {
                auto& [node, next] = path.back();
                if (next == after_[node].size()) {
                    marks[node] = Mark::done;
                    path.pop_back();
                    continue;
                }
                const auto to = after_[node][next++].first;
                if (marks[to] == Mark::on_path) {
                    std::string words;
                    auto first = std::ranges::find(path, to, &Step::node);
                    for (; first != path.end(); ++first)
                        words += "\n  " + name(first->node) + " before " +
                                 name(after_[first->node][first->next - 1].first) + ": " +
                                 after_[first->node][first->next - 1].second;
                    return words;
                }
                if (marks[to] == Mark::fresh) {
                    marks[to] = Mark::on_path;
                    path.push_back({to});
                }
            }
        }
        return std::nullopt;
    }

private:
    static std::string name(std::size_t node)
    {
        return (node % 2 == 0 ? "the beginning of " : "the end of ") + std::to_string(node / 2);
    }

    std::vector<std::vector<std::pair<std::size_t, std::string>>> after_;
};

class Check {
public:
    Check(const std::vector<Transaction>& history, const std::vector<std::vector<Write>>& lists)
        : history_(history), lists_(lists), order_(history.size())
    {
        for (std::size_t i = 0; i < history_.size(); ++i)
            for (const auto& append : history_[i].appends)
                writers_[append.write] = i;
    }

    std::optional<std::string> result()
    {
        if (auto words = check_lists())
            return words;
        for (std::size_t i = 0; i < history_.size(); ++i)
            if (auto words = check_readings(i))
                return words;
        order_by_lists();
        order_by_clocks();
        return order_.cycle();
    }

private:
    /// Committed writes are there once, others are not.
    std::optional<std::string> check_lists()
    {
        std::map<Write, int> found;
        for (const auto& list : lists_)
            for (const auto write : list)
                ++found[write];
        for (const auto& [write, writer] : writers_) {
            const int expected = history_[writer].ending == Ending::committed ? 1 : 0;
            if (found[write] != expected)
                return "write " + std::to_string(write) + " of transaction " +
                       std::to_string(writer) + " is there " + std::to_string(found[write]) +
                       " times instead of " + std::to_string(expected);
        }
        return std::nullopt;
    }

    std::optional<std::string> check_readings(std::size_t reader)
    {
        const auto& transaction = history_[reader];
        for (const auto& [key, list] : transaction.readings) {
            std::vector<Write> own;
            for (const auto& append : transaction.appends)
                if (append.key == key)
                    own.push_back(append.write);
            // Of its own: those that it had made by then, at the end and in their order.
            const auto first_own = std::ranges::find_if(list, [&](const Write write) {
                return std::ranges::find(own, write) != own.end();
            });
            const auto foreign = static_cast<std::size_t>(first_own - list.begin());
            const auto& last = lists_[static_cast<std::size_t>(key)];
            if (!std::equal(first_own, list.end(), own.begin(),
                            own.begin() + (list.end() - first_own)) ||
                foreign > last.size() || !std::equal(list.begin(), first_own, last.begin()))
                return "transaction " + std::to_string(reader) + " has read " + text_of(list) +
                       " of key " + std::to_string(key) + ", which is " + text_of(last) +
                       " and to which it appended " + text_of(own);
            const auto why = "key " + std::to_string(key);
            if (foreign > 0)
                order_.add(Order::end(writers_[list[foreign - 1]]), Order::begin(reader),
                           why + " was read with " + std::to_string(list[foreign - 1]));
            if (foreign < last.size() && writers_[last[foreign]] != reader)
                order_.add(Order::begin(reader), Order::end(writers_[last[foreign]]),
                           why + " was read without " + std::to_string(last[foreign]));
        }
        return std::nullopt;
    }

    /// Who writes a key begins when the one before has ended.
    void order_by_lists()
    {
        for (const auto& list : lists_)
            for (std::size_t i = 1; i < list.size(); ++i)
                if (const auto before = writers_[list[i - 1]], after = writers_[list[i]];
                    before != after)
                    order_.add(Order::end(before), Order::begin(after),
                               std::to_string(list[i - 1]) + " was written before " +
                                   std::to_string(list[i]));
    }

    /// An end that was answered before a BEGIN was sent is seen; one that was asked for after BEGIN
    /// was answered is not.
    void order_by_clocks()
    {
        for (std::size_t i = 0; i < history_.size(); ++i)
            order_.add(Order::begin(i), Order::end(i), "it is one transaction");
        const auto by_begin = sorted([](const Transaction& each) { return each.began; });
        const auto by_answer = sorted([](const Transaction& each) { return each.started; });
        const auto by_end = sorted([](const Transaction& each) { return each.ends; });
        const auto by_ended = sorted([](const Transaction& each) { return each.ended; });
        const auto committed = [this](std::size_t i) {
            return history_[i].ending == Ending::committed;
        };
        std::vector<std::size_t> earlier;
        auto next = by_ended.begin();
        for (const auto beginner : by_begin) {
            for (; next != by_ended.end() && history_[*next].ended < history_[beginner].began;
                 ++next)
                if (committed(*next))
                    earlier.push_back(*next);
            for (const auto before : last_of(earlier))
                order_.add(Order::end(before), Order::begin(beginner), "the clients' clocks");
        }
        earlier.clear();
        next = by_answer.begin();
        for (const auto ending : by_end) {
            for (; next != by_answer.end() && history_[*next].started < history_[ending].ends;
                 ++next)
                earlier.push_back(*next);
            if (committed(ending))
                for (const auto before : last_of(earlier))
                    order_.add(Order::begin(before), Order::end(ending), "the clients' clocks");
        }
    }

    std::vector<std::size_t> sorted(const std::function<Time(const Transaction&)>& time) const
    {
        std::vector<std::size_t> order(history_.size());
        std::iota(order.begin(), order.end(), 0U);
        std::ranges::sort(order, {}, [&](std::size_t i) { return time(history_[i]); });
        return order;
    }

    static std::span<const std::size_t> last_of(const std::vector<std::size_t>& all)
    {
        return std::span(all).last(std::min(all.size(), window));
    }

    /// Edges to those that were the last; to the others it goes on through these.
    static constexpr std::size_t window = 32;

    const std::vector<Transaction>& history_;
    const std::vector<std::vector<Write>>& lists_;
    std::map<Write, std::size_t> writers_;
    Order order_;
};

} // namespace

std::optional<std::string> violation(const std::vector<Transaction>& history,
                                     const std::vector<std::vector<Write>>& lists)
{
    return Check(history, lists).result();
}

} // namespace nimbus::local::dsql::isolation
