#include "local/dsql/plan_form.h"

#include "base/number.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace nimbus::local::dsql {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view arrow = "->  ";
/// From a node's arrow to its properties, and without one.
constexpr std::size_t below_arrow = 6;
constexpr std::size_t below_root = 2;
/// From a storage node's arrow to what belongs to it.
constexpr std::size_t below_storage = 4;

enum class Access { table, index_only, index_and_table };

/// A scan that DSQL has in another form.
struct Scan {
    std::size_t node = 0;       ///< where its name begins
    std::size_t properties = 0; ///< where the lines that belong to it begin
    Access access = Access::table;
    bool is_backward = false;
    std::string_view index; ///< as an identifier in SQL
    std::string_view table; ///< the same, with a schema and an alias where the plan has them
    std::string_view costs; ///< `  (cost=… rows=… width=…)`, or nothing
    std::string_view run;   ///< ` (actual …)`, ` (never executed)`, or nothing
};

/// A property of a node; a string constant in it may go on in further lines.
using Property = std::span<const std::string_view>;

std::size_t indent_of(std::string_view line)
{
    return std::min(line.find_first_not_of(' '), line.size());
}

bool take(std::string_view& rest, std::string_view expected)
{
    if (!rest.starts_with(expected))
        return false;
    rest.remove_prefix(expected.size());
    return true;
}

/// An identifier from the front; empty when there is none.
std::string_view take_identifier(std::string_view& rest)
{
    std::size_t end = 0;
    if (rest.starts_with('"')) {
        do {
            end = rest.find('"', end + 1);
            if (end == std::string_view::npos)
                return {};
            ++end;
        } while (end < rest.size() && rest[end] == '"');
    } else {
        end = std::min(rest.find_first_of(" .,\"'()"), rest.size());
    }
    const auto identifier = rest.substr(0, end);
    rest.remove_prefix(end);
    return identifier;
}

std::string_view unquoted(std::string_view identifier)
{
    return identifier.starts_with('"') ? identifier.substr(1, identifier.size() - 2) : identifier;
}

/// `t`, `public.t`, `t alias`. Empty when it is something else, or of PostgreSQL's own catalogue.
std::string_view take_table(std::string_view& rest)
{
    const auto begin = rest;
    auto name = take_identifier(rest);
    if (!name.empty() && take(rest, "."))
        name = take_identifier(rest);
    if (name.empty() || unquoted(name).starts_with("pg_"))
        return {};
    if (rest.size() > 1 && rest[0] == ' ' && rest[1] != ' ' && rest[1] != '(') {
        rest.remove_prefix(1);
        if (take_identifier(rest).empty())
            return {};
    }
    return begin.substr(0, begin.size() - rest.size());
}

std::string_view take_parenthesis(std::string_view& rest, std::string_view beginning)
{
    const auto end = rest.find(')');
    if (!rest.starts_with(beginning) || end == std::string_view::npos)
        return {};
    const auto taken = rest.substr(0, end + 1);
    rest.remove_prefix(taken.size());
    return taken;
}

/// DSQL's index of a primary key is the table, and holds all columns. Its name is all that a plan
/// tells of an index.
bool is_primary_key(std::string_view index)
{
    return unquoted(index).ends_with("_pkey");
}

std::optional<Scan> scan_in(std::string_view line)
{
    Scan scan;
    auto rest = line;
    rest.remove_prefix(indent_of(line));
    const auto indent = line.size() - rest.size();
    if (take(rest, arrow))
        scan.properties = indent + below_arrow;
    else if (indent == 0)
        scan.properties = below_root;
    else
        return std::nullopt;
    scan.node = line.size() - rest.size();
    if (!take(rest, "Seq Scan")) {
        if (take(rest, "Index Only Scan"))
            scan.access = Access::index_only;
        else if (take(rest, "Index Scan"))
            scan.access = Access::index_and_table;
        else
            return std::nullopt;
        scan.is_backward = take(rest, " Backward");
        if (!take(rest, " using "))
            return std::nullopt;
        scan.index = take_identifier(rest);
        if (scan.index.empty())
            return std::nullopt;
        if (is_primary_key(scan.index))
            scan.access = Access::index_only;
    }
    if (!take(rest, " on "))
        return std::nullopt;
    scan.table = take_table(rest);
    scan.costs = take_parenthesis(rest, "  (cost=");
    scan.run = take_parenthesis(rest, " (");
    if (scan.table.empty() || !rest.empty())
        return std::nullopt;
    return scan;
}

/// The number behind `name` in the parenthesis.
std::optional<std::uint64_t> number_of(std::string_view parenthesis, std::string_view name)
{
    const auto found = parenthesis.find(name);
    if (found == std::string_view::npos)
        return std::nullopt;
    auto digits = parenthesis.substr(found + name.size());
    return take_number<std::uint64_t>(digits);
}

/// What stands behind `name` in one of the properties.
std::optional<std::string_view> value_of(std::span<const Property> properties,
                                         std::string_view name)
{
    for (const auto& property : properties) {
        auto rest = property.front();
        rest.remove_prefix(indent_of(rest));
        if (take(rest, name))
            return rest;
    }
    return std::nullopt;
}

/// The columns that the storage returns, where the plan tells: nothing else is done with them.
std::optional<std::string_view> projections(const Scan& scan, std::span<const Property> properties)
{
    const auto output = value_of(properties, "Output: ");
    // Below other nodes, PostgreSQL's scans may put out more than is asked for.
    if (scan.node > 0 || !output || value_of(properties, "Filter: "))
        return std::nullopt;
    for (auto rest = *output;;) {
        const auto column = take_identifier(rest);
        if (column.empty() || column == "ctid" || column == "tableoid")
            return std::nullopt;
        if (rest.empty())
            return output;
        if (!take(rest, ", "))
            return std::nullopt;
    }
}

/// How often the storage was asked, and for how much: all that the scan itself leaves out.
std::string storage_run(const Scan& scan, std::span<const Property> properties)
{
    const auto rows = number_of(scan.run, " rows=");
    const auto loops = number_of(scan.run, " loops=");
    if (!rows)
        return scan.run == " (never executed)" ? std::string(scan.run) : "";
    auto read = *rows;
    for (const auto removed : {"Rows Removed by Filter: "sv, "Rows Removed by Index Recheck: "sv})
        if (const auto value = value_of(properties, removed))
            read += number_of(*value, "").value_or(0);
    return " (actual rows=" + std::to_string(read) +
           (loops ? " loops=" + std::to_string(*loops) : "") + ")";
}

class Rewriting {
public:
    explicit Rewriting(std::span<const std::string_view> lines) : rest_(lines) {}

    std::vector<std::string> run()
    {
        while (!rest_.empty()) {
            const auto scan = scan_in(rest_.front());
            const auto node = take_property();
            if (scan && node.size() == 1)
                add_scan(*scan);
            else
                lines_.insert(lines_.end(), node.begin(), node.end());
        }
        return std::move(lines_);
    }

private:
    /// A line, and those in which a quotation goes on that begins in it.
    Property take_property()
    {
        char quote = '\0';
        std::size_t count = 0;
        do {
            for (const char c : rest_[count])
                if (quote == '\0' && (c == '\'' || c == '"'))
                    quote = c;
                else if (c == quote)
                    quote = '\0';
            ++count;
        } while (quote != '\0' && count < rest_.size());
        if (quote != '\0')
            count = 1; // no quotation: it would have an end
        const auto property = rest_.first(count);
        rest_ = rest_.subspan(count);
        return property;
    }

    bool has_property(const Scan& scan) const
    {
        if (rest_.empty() || indent_of(rest_.front()) < scan.properties)
            return false;
        const auto text = rest_.front().substr(indent_of(rest_.front()));
        return std::ranges::none_of(std::array{"->"sv, "SubPlan "sv, "InitPlan "sv, "CTE "sv},
                                    [&](auto child) { return text.starts_with(child); });
    }

    void add(std::size_t indent, auto... parts)
    {
        auto& line = lines_.emplace_back(indent, ' ');
        (line.append(parts), ...);
    }

    void add_scan(const Scan& scan)
    {
        const auto line = lines_.size();
        lines_.emplace_back();
        std::vector<Property> properties;
        while (has_property(scan)) {
            const auto property = take_property();
            auto text = property.front();
            text.remove_prefix(indent_of(text));
            properties.push_back(property);
            if (!text.starts_with("Heap Fetches: ")) // there is no heap
                lines_.insert(lines_.end(), property.begin(), property.end());
        }
        auto& node = lines_[line];
        if (scan.node > 0)
            node = std::string(scan.node - arrow.size(), ' ').append(arrow);
        if (scan.access == Access::table)
            node += "Full Scan (btree-table)";
        else
            node.append(scan.access == Access::index_only ? "Index Only Scan" : "Index Scan")
                .append(scan.is_backward ? " Backward" : "")
                .append(" using ")
                .append(scan.index);
        node.append(" on ").append(scan.table).append(scan.costs).append(scan.run);
        add_storage(scan, properties);
    }

    void add_storage(const Scan& scan, std::span<const Property> properties)
    {
        auto numbers = std::string(scan.costs);
        if (!numbers.empty())
            numbers.insert(numbers.size() - 1, " loops=1");
        numbers += storage_run(scan, properties);
        const auto target = scan.access == Access::table ? scan.table : scan.index;
        const auto columns = projections(scan, properties);
        const auto own = scan.properties;
        const auto below = own + below_storage;
        const bool looks_up = scan.access == Access::index_and_table;
        add(own, "-> Storage Scan on ", target, numbers);
        if (columns && !looks_up)
            add(below, "Projections: ", *columns);
        add(below, "-> B-Tree Scan on ", target, numbers);
        add_condition(below + below_storage, properties);
        if (!looks_up)
            return;
        add(own, "-> Storage Lookup on ", scan.table, numbers);
        if (columns)
            add(below, "Projections: ", *columns);
        add(below, "-> B-Tree Lookup on ", scan.table, numbers);
    }

    void add_condition(std::size_t indent, std::span<const Property> properties)
    {
        for (const auto& property : properties) {
            const auto text = property.front().substr(indent_of(property.front()));
            if (!text.starts_with("Index Cond: "))
                continue;
            add(indent, text);
            lines_.insert(lines_.end(), property.begin() + 1, property.end());
        }
    }

    std::span<const std::string_view> rest_;
    std::vector<std::string> lines_;
};

} // namespace

std::vector<std::string> dsql_plan(const std::vector<std::string_view>& lines)
{
    return Rewriting(lines).run();
}

} // namespace nimbus::local::dsql
