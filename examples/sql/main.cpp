// Users and their posts in Aurora DSQL, behind an HTTP API.
//
//     nimbus deploy
//     curl -X POST $URL/init
//     curl -X POST $URL/users -d '{"name":"Alice","email":"alice@example.com"}'

#include <nimbus/nimbus.hpp>
#include <optional>
#include <string>
#include <vector>

struct NewUser {
    std::optional<std::string> name, email;
};
struct User {
    nimbus::uuid id;
    std::string name, email;
    nimbus::timestamp created_at;
};
struct NewPost {
    std::optional<std::string> title, content;
};
struct Post {
    nimbus::uuid id, user_id;
    std::string title;
    std::optional<std::string> content;
    nimbus::timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(NewUser, (), (name, email))
BOOST_DESCRIBE_STRUCT(User, (), (id, name, email, created_at))
BOOST_DESCRIBE_STRUCT(NewPost, (), (title, content))
BOOST_DESCRIBE_STRUCT(Post, (), (id, user_id, title, content, created_at))

// GET /users/{id}/posts: one row of the join, and what the client gets.
struct UserWithPost {
    nimbus::uuid user_id;
    std::string user_name, email;
    std::optional<nimbus::uuid> post_id;
    std::optional<std::string> title, content;
    std::optional<nimbus::timestamp> post_created_at;
};
struct PostOfUser {
    nimbus::uuid id;
    std::optional<std::string> title, content;
    std::optional<nimbus::timestamp> created_at;
};
struct UserWithPosts {
    nimbus::uuid id;
    std::string name, email;
    std::vector<PostOfUser> posts;
};
BOOST_DESCRIBE_STRUCT(UserWithPost, (),
                      (user_id, user_name, email, post_id, title, content, post_created_at))
BOOST_DESCRIBE_STRUCT(PostOfUser, (), (id, title, content, created_at))
BOOST_DESCRIBE_STRUCT(UserWithPosts, (), (id, name, email, posts))

int main(int argc, char** argv)
{
    nimbus::app app{{.project_name = "sql-demo", .region = "us-east-1"}};
    auto db = app.sql({.name = "main-db", .schema = "myapp", .deletion_protection = false});
    auto api = app.api({.name = "sql-api", .stage = "dev"});

    // What no handler expects: the cause is logged, and here the caller may read it, too.
    app.on_error([](const std::exception& cause, const nimbus::request&) {
        return nimbus::error(500, cause.what());
    });

    api.route("GET", "/info", [=] {
        const auto& info = db.info();
        return nimbus::ok({{"message", "SQL Database Info"},
                           {"endpoint", info.endpoint},
                           {"identifier", info.identifier},
                           {"schema", info.schema},
                           {"dbRole", info.db_role},
                           {"arn", info.arn},
                           {"note", "Lambdas connect using IAM role mapped to database role with "
                                    "permissions on the schema"}});
    });

    // DSQL takes one statement that changes the schema per transaction: each stands alone.
    api.route("POST", "/init", [=] {
        db.execute(R"(
            CREATE TABLE IF NOT EXISTS users (
                id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
                name VARCHAR(100) NOT NULL,
                email VARCHAR(100) UNIQUE NOT NULL,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
            ))");
        db.execute(R"(
            CREATE TABLE IF NOT EXISTS posts (
                id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
                user_id UUID REFERENCES users(id),
                title VARCHAR(200) NOT NULL,
                content TEXT,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
            ))");
        return nimbus::ok({{"message", "Database initialized successfully"},
                           {"schema", db.info().schema},
                           {"tables", {"users", "posts"}}});
    });

    api.route("POST", "/users", [=](const nimbus::request& req) {
        const auto in = req.json<NewUser>();
        if (in.name.value_or("").empty() || in.email.value_or("").empty())
            return nimbus::bad_request("Name and email are required");
        try {
            return nimbus::created(db.query_one<User>(
                "INSERT INTO users (name, email) VALUES ($1, $2) RETURNING *", in.name, in.email));
        } catch (const nimbus::sql::unique_violation&) {
            return nimbus::conflict("Email already exists");
        }
    });

    api.route("GET", "/users", [=] {
        const auto users = db.query<User>("SELECT * FROM users ORDER BY created_at DESC");
        return nimbus::ok({{"count", users.size()}, {"users", users}});
    });

    api.route("GET", "/users/count", [=] {
        return nimbus::ok({{"count", db.query_value<std::int64_t>("SELECT count(*) FROM users")}});
    });

    api.route("GET", "/users/{id}/posts", [=](const nimbus::request& req) {
        const auto rows = db.query<UserWithPost>(R"(
            SELECT u.id AS user_id, u.name AS user_name, u.email,
                   p.id AS post_id, p.title, p.content, p.created_at AS post_created_at
            FROM users u LEFT JOIN posts p ON u.id = p.user_id
            WHERE u.id = $1
            ORDER BY p.created_at DESC)",
                                                 req.param<nimbus::uuid>("id"));
        if (rows.empty())
            return nimbus::not_found("User not found");

        UserWithPosts user{rows[0].user_id, rows[0].user_name, rows[0].email, {}};
        for (const auto& row : rows)
            if (row.post_id)
                user.posts.push_back({*row.post_id, row.title, row.content, row.post_created_at});
        return nimbus::ok(user);
    });

    api.route("POST", "/users/{id}/posts", [=](const nimbus::request& req) {
        const auto user_id = req.param<nimbus::uuid>("id");
        const auto in = req.json<NewPost>();
        if (in.title.value_or("").empty())
            return nimbus::bad_request("Title is required");
        return db.transaction([&](nimbus::sql::transaction& tx) {
            if (!tx.query_optional<nimbus::uuid>("SELECT id FROM users WHERE id = $1", user_id))
                return nimbus::not_found("User not found");
            return nimbus::created(tx.query_one<Post>(
                "INSERT INTO posts (user_id, title, content) VALUES ($1, $2, $3) RETURNING *",
                user_id, in.title, in.content));
        });
    });

    return app.run(argc, argv);
}
