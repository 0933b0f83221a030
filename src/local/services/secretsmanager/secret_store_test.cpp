#include "base/error.h"
#include "base/file.h"
#include "local/services/secretsmanager/secret_store.h"
#include "local/services/service.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;

/// One home: a database, a key file, a clock.
class SecretStoreTest : public testing::Test {
protected:
    SecretStore store() { return store_with_key(key_file_); }
    SecretStore store_with_key(const fs::path& key_file)
    {
        return {database_, "123456789012", key_file, [this] { return now_; }};
    }

    Secret put(SecretStore& store, const std::string& name, const std::string& value)
    {
        auto secret = store.make("us-east-1", name);
        secret.add_version({.id = "version", .created = now_}, {stage_current});
        store.put(secret);
        store.put_value(secret, "version", {.bytes = value});
        return secret;
    }
    std::string failure(SecretStore& store, const Secret& secret)
    {
        try {
            return "read: " + store.value(secret, "version").bytes;
        } catch (const ServiceError& error) {
            return error.code + ": " + error.what();
        }
    }
    std::string encrypted(const Secret& secret)
    {
        return database_
            .query_one("SELECT encrypted FROM secretsmanager_values WHERE secret = ?", {secret.arn})
            ->text(0);
    }
    std::string damaged() const
    {
        return "DecryptionFailure: Secrets Manager can't decrypt version version of secret name "
               "with the key " +
               key_file_.string() + ": the value is damaged, or was encrypted with another key.";
    }

    TemporaryDirectory directory_;
    fs::path key_file_ = directory_.path() / "secrets.key";
    sqlite::Database database_{directory_.path() / "cloud.db"};
    SystemTime now_ = from_unix_milliseconds(1'700'000'000'000);
};

TEST_F(SecretStoreTest, ValuesAreThereAfterARestart)
{
    auto first = store();
    const auto secret = put(first, "name", "value");
    const auto bytes = std::string("\0\xff", 2);
    first.put_value(secret, "binary", {.kind = SecretValue::Kind::binary, .bytes = bytes});
    auto second = store();
    const auto found = second.find("us-east-1", "name");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->arn, secret.arn);
    EXPECT_EQ(second.value(*found, "version"), (SecretValue{.bytes = "value"}));
    EXPECT_EQ(second.value(*found, "binary"),
              (SecretValue{.kind = SecretValue::Kind::binary, .bytes = bytes}));
}

TEST_F(SecretStoreTest, TheKeyIsMadeForTheOwnerAloneWhenItIsFirstNeeded)
{
    auto store = this->store();
    EXPECT_FALSE(fs::exists(key_file_));
    put(store, "name", "value");
    struct stat facts{};
    ASSERT_EQ(::stat(key_file_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
    EXPECT_EQ(facts.st_size, 32);
}

TEST_F(SecretStoreTest, NoFileHoldsTheValue)
{
    auto store = this->store();
    put(store, "name", "a value to look for");
    for (const auto& entry : fs::directory_iterator(directory_.path()))
        EXPECT_EQ(read_file(entry.path()).find("value to look"), std::string::npos) << entry;
}

TEST_F(SecretStoreTest, AnotherHomesKeyReadsNothing)
{
    auto mine = store();
    const auto secret = put(mine, "name", "value");
    write_file(key_file_, std::string(32, 'x'), 0600);
    auto other = store();
    EXPECT_EQ(failure(other, secret), damaged());
}

TEST_F(SecretStoreTest, ADamagedValueIsSaidToBe)
{
    auto store = this->store();
    const auto secret = put(store, "name", "value");
    auto text = encrypted(secret);
    text[20] = text[20] == 'A' ? 'B' : 'A';
    for (const auto& damage : {text, std::string("no base64"), std::string()}) {
        database_.execute("UPDATE secretsmanager_values SET encrypted = ?", {damage});
        EXPECT_EQ(failure(store, secret), damaged()) << damage;
    }
    database_.execute("DELETE FROM secretsmanager_values");
    EXPECT_EQ(failure(store, secret), damaged());
}

TEST_F(SecretStoreTest, AValueIsGoodForItsOwnPlaceOnly)
{
    auto store = this->store();
    const auto other = put(store, "other", "another value");
    const auto secret = put(store, "name", "value");
    database_.execute("UPDATE secretsmanager_values SET encrypted = ? WHERE secret = ?",
                      {encrypted(other), secret.arn});
    EXPECT_EQ(failure(store, secret), damaged());
}

TEST_F(SecretStoreTest, ADamagedKeyIsNamed)
{
    auto first = store();
    const auto secret = put(first, "name", "value");
    write_file(key_file_, "short", 0600);
    auto store = this->store();
    EXPECT_EQ(failure(store, secret),
              "DecryptionFailure: The key " + key_file_.string() +
                  " is damaged: it has 5 bytes instead of 32. Put it back from a backup, or delete "
                  "the secrets and create them again.");
}

TEST_F(SecretStoreTest, ALostKeyIsNotReplacedWhileValuesNeedIt)
{
    auto first = store();
    const auto secret = put(first, "name", "value");
    fs::remove(key_file_);
    auto store = this->store();
    const auto words = "The key " + key_file_.string() +
                       " is gone, and the values of this home's secrets are encrypted with it. "
                       "Put it back from a backup, or delete the secrets and create them again.";
    EXPECT_EQ(failure(store, secret), "DecryptionFailure: " + words);
    try {
        put(store, "new", "value");
        FAIL() << "it was replaced";
    } catch (const ServiceError& error) {
        EXPECT_EQ(error.code + ": " + error.what(), "EncryptionFailure: " + words);
    }
    store.erase(secret);
    const auto again = put(store, "again", "new value");
    EXPECT_EQ(failure(store, again), "read: new value");
}

TEST_F(SecretStoreTest, AnotherKeyEncryptsNothingWhileValuesNeedTheFirst)
{
    auto first = store();
    const auto secret = put(first, "name", "value");
    write_file(key_file_, std::string(32, 'x'), 0600);
    auto store = this->store();
    EXPECT_THROW(put(store, "new", "value"), ServiceError);
    store.erase(secret);
    const auto again = put(store, "again", "new value");
    EXPECT_EQ(failure(store, again), "read: new value");
}

TEST_F(SecretStoreTest, ADamagedKeyIsReplacedWhenNoValueNeedsIt)
{
    write_file(key_file_, "short", 0600);
    auto store = this->store();
    EXPECT_EQ(failure(store, put(store, "name", "value")), "read: value");
}

TEST_F(SecretStoreTest, TheFaultOfAKeyIsTold)
{
    const auto fault = [&] { return fault_of_secrets(database_, key_file_); };
    EXPECT_EQ(fault(), "") << "without a table";
    auto store = this->store();
    EXPECT_EQ(fault(), "") << "without a value";
    put(store, "name", "value");
    EXPECT_EQ(fault(), "");
    const auto own = read_file(key_file_);
    write_file(key_file_, std::string(32, 'x'), 0600);
    EXPECT_EQ(fault(), "The key " + key_file_.string() +
                           " decrypts none of the values of this home's secrets: they were "
                           "encrypted with another");
    write_file(key_file_, "short", 0600);
    EXPECT_TRUE(fault().contains("is damaged: it has 5 bytes")) << fault();
    fs::remove(key_file_);
    EXPECT_TRUE(fault().contains("is gone")) << fault();
    write_file(key_file_, own, 0600);
    database_.execute("UPDATE secretsmanager_values SET encrypted = 'damaged'");
    put(store, "other", "value");
    EXPECT_EQ(fault(), "") << "one value is enough";
}

TEST_F(SecretStoreTest, AKeyThatCannotBeReadIsNamed)
{
    fs::create_directory(key_file_);
    auto store = this->store();
    EXPECT_THROW(put(store, "name", "value"), ServiceError);
}

TEST_F(SecretStoreTest, ASecretIsFoundByNameArnAndPartialArn)
{
    auto store = this->store();
    const auto secret = put(store, "a/name", "value");
    const std::string partial = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a/name";
    EXPECT_TRUE(secret.arn.starts_with(partial + "-"));
    EXPECT_EQ(secret.arn.size(), partial.size() + 7);
    for (const auto& id : {std::string("a/name"), secret.arn, partial})
        EXPECT_TRUE(store.find("us-east-1", id)) << id;
    for (const auto& id :
         {std::string("a"), partial + "-aaaaaa",
          std::string("arn:aws:secretsmanager:us-east-1:999999999999:secret:a/name")})
        EXPECT_FALSE(store.find("us-east-1", id)) << id;
    EXPECT_FALSE(store.find("eu-west-1", "a/name"));
}

TEST_F(SecretStoreTest, ANameMayEndLikeAnArn)
{
    auto store = this->store();
    const auto longer = put(store, "name-abcdef", "value");
    EXPECT_EQ(store.find("us-east-1", longer.arn)->name, "name-abcdef");
    EXPECT_EQ(store.find("us-east-1", store.arn("us-east-1", "name-abcdef"))->name, "name-abcdef");
}

TEST_F(SecretStoreTest, AfterItsDeletionDateASecretIsGoneWithItsValues)
{
    auto store = this->store();
    auto secret = put(store, "name", "value");
    put(store, "other", "value");
    secret.deletion_date = now_ + std::chrono::hours(24);
    store.put(secret);
    now_ += std::chrono::hours(24) - std::chrono::seconds(1);
    EXPECT_TRUE(store.find("us-east-1", "name"));
    now_ += std::chrono::seconds(1);
    EXPECT_EQ(store.list("us-east-1").size(), 1U);
    EXPECT_FALSE(store.find("us-east-1", "name"));
    EXPECT_FALSE(
        database_.query_one("SELECT 1 FROM secretsmanager_values WHERE secret = ?", {secret.arn}));
}

} // namespace
} // namespace nimbus::local
