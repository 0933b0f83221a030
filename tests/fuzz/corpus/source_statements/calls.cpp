#include <nimbus/nimbus.hpp>
struct User : Base {
    nimbus::uuid id;
    std::string name = "x", mail{};
    int f() { return 1; }
};
BOOST_DESCRIBE_STRUCT(User, (Base), (id, name, mail))
using Id = std::int64_t;
enum class State { open };
constexpr std::string_view all = "SELECT "
                                 "\x41\u00e4 FROM users";
#if 0
broken '"
#endif
void f(const nimbus::sql::database& db)
{
    db.query<User>(all ? R"sql(SELECT $1)sql" : "SELECT 2", 1, -2.5, "a", f<a, b>(c));
    db.transaction([&](auto& tx) { tx.execute(all, rest...); }); // nimbus: unchecked
    db.query_each<std::tuple<int, std::string>>([](auto) {}, "SELECT 1, 'a'");
    db.pipeline(sql::query_value<int>("SELECT 1"));
}
