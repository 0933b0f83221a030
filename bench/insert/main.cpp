// What bench/inserts.py measures: 100,000 rows by db.insert.
#include <nimbus/nimbus.hpp>

struct Row {
    std::int64_t id;
    std::string name;
    std::optional<int> number;
};
BOOST_DESCRIBE_STRUCT(Row, (), (id, name, number))

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "insert", .region = "us-east-1"}};
    auto db = app.sql({.name = "bench-db", .schema = "bench", .deletion_protection = false});
    auto api = app.api({.name = "insert-api"});

    api.route("POST", "/rows",
              [=](const nimbus::request&) {
                  std::vector<Row> rows;
                  for (int i = 0; i < 100'000; ++i)
                      rows.push_back({i, "name " + std::to_string(i), 0});
                  db.execute("SELECT 1"); // connected
                  const auto started = std::chrono::steady_clock::now();
                  const auto count = db.insert("rows", rows);
                  const std::chrono::duration<double> taken =
                      std::chrono::steady_clock::now() - started;
                  return nimbus::ok({{"count", count}, {"seconds", taken.count()}});
              },
              {.memory_size = 1024});

    return app.run(argc, argv);
}
