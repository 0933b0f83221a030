// Reminders in Aurora DSQL. A timer delivers those that are due, signed with a secret.
//
//     openssl rand -hex 32 | nimbus secret set signing-key
//     nimbus deploy
//     curl -X POST $URL/init
//     curl -X POST $URL/reminders -d '{"text":"Tea is ready","due_at":"2027-01-31T09:00:00Z"}'
//     nimbus invoke deliver        # or wait for the timer
//     curl $URL/reminders

#include "reminders.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>

struct NewReminder {
    std::string text;
    nimbus::timestamp due_at;
};
BOOST_DESCRIBE_STRUCT(NewReminder, (), (text, due_at))

struct Reminder {
    nimbus::uuid id;
    std::string text;
    nimbus::timestamp due_at;
    std::optional<nimbus::timestamp> delivered_at;
    std::optional<std::string> signature;
};
BOOST_DESCRIBE_STRUCT(Reminder, (), (id, text, due_at, delivered_at, signature))

struct Delivered {
    nimbus::uuid id;
    std::string text, signature;
};
BOOST_DESCRIBE_STRUCT(Delivered, (), (id, text, signature))

std::string sign(const std::string& key, const nimbus::uuid& id, const std::string& text)
{
    const auto message = id.to_string() + text;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
         &size);
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[digest[i] / 16];
        hex += "0123456789abcdef"[digest[i] % 16];
    }
    return hex;
}

void declare_reminders(nimbus::app& app)
{
    auto db = app.sql({.name = "main-db", .schema = "reminders", .deletion_protection = false});
    auto key = app.secret({.name = "signing-key", .description = "Signs delivered reminders"});
    auto api = app.api({.name = "reminders-api"});

    api.route("POST", "/init", [=] {
        db.execute("CREATE TABLE IF NOT EXISTS reminders ("
                   "id uuid PRIMARY KEY DEFAULT gen_random_uuid(), text text NOT NULL, "
                   "due_at timestamptz NOT NULL, delivered_at timestamptz, signature text)");
        return nimbus::no_content();
    });

    api.route("POST", "/reminders", [=](const nimbus::request& req) {
        const auto in = req.json<NewReminder>();
        return nimbus::created(db.query_one<Reminder>(
            "INSERT INTO reminders (text, due_at) VALUES ($1, $2) RETURNING *", in.text,
            in.due_at));
    });

    api.route("GET", "/reminders", [=] {
        return nimbus::ok(db.query<Reminder>("SELECT * FROM reminders ORDER BY due_at"));
    });

    // Who has got a reminder asks here whether it is ours.
    api.route("POST", "/verify", [=](const nimbus::request& req) {
        const auto in = req.json<Delivered>();
        const auto expected = sign(key.value(), in.id, in.text);
        const bool genuine =
            expected.size() == in.signature.size() &&
            CRYPTO_memcmp(expected.data(), in.signature.data(), expected.size()) == 0;
        return nimbus::ok({{"genuine", genuine}});
    });

    // A timer may fire twice for the same minute: what is delivered stays as it is.
    app.timer({.name = "deliver", .schedule = "rate(1 minute)"},
              [=](const nimbus::timer_event& event) {
                  const auto due = db.query<Reminder>(
                      "SELECT * FROM reminders WHERE due_at <= $1 AND delivered_at IS NULL "
                      "ORDER BY due_at LIMIT 100",
                      event.time());
                  for (const auto& reminder : due) {
                      db.execute("UPDATE reminders SET delivered_at = $1, signature = $2 "
                                 "WHERE id = $3 AND delivered_at IS NULL",
                                 nimbus::timestamp::now(),
                                 sign(key.value(), reminder.id, reminder.text), reminder.id);
                      event.log().info("delivered", {{"reminder", reminder.id}});
                  }
                  return due.size();
              });
}
