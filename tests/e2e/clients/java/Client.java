import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * AWS's connector for JDBC, over PostgreSQL's driver: it finds the Region in the host's name and makes the token. TLS
 * begins with the first byte, as later versions of the connector ask for. Prints what it saw as JSON.
 */
final class Client {
    private Client() {
    }

    public static void main(String[] arguments) throws SQLException {
        String url = "jdbc:aws-dsql:postgresql://" + arguments[0] + "/postgres?user=admin";
        Properties tls = new Properties();
        tls.setProperty("sslmode", "verify-full");
        tls.setProperty("sslNegotiation", "direct");
        tls.setProperty("sslrootcert", System.getenv("PGSSLROOTCERT"));
        try (Connection first = DriverManager.getConnection(url, tls);
             Connection second = DriverManager.getConnection(url, tls)) {
            String user = readText(first, "SELECT current_user");
            int total = increment(first, 1);
            System.out.printf("{\"connector\": {\"user\": \"%s\", \"total\": %d, \"conflict\": \"%s\"}}%n", user, total,
                    conflict(first, second));
        }
    }

    private static String readText(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Often enough that the driver prepares the statement on the server, and reads numbers in binary. */
    private static int increment(Connection connection, int number) throws SQLException {
        int result = 0;
        try (var statement = connection.prepareStatement("SELECT ?::int + 1")) {
            for (int time = 0; time < 10; ++time) {
                statement.setInt(1, number);
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    result = rows.getInt(1);
                }
            }
        }
        return result;
    }

    private static void run(Connection connection, String statement) throws SQLException {
        try (var made = connection.createStatement()) {
            made.execute(statement);
        }
    }

    /** The SQLSTATE of the COMMIT that comes second. */
    private static String conflict(Connection first, Connection second) throws SQLException {
        run(first, "CREATE TABLE java_counters (id int PRIMARY KEY, value int)");
        run(first, "INSERT INTO java_counters VALUES (1, 0)");
        first.setAutoCommit(false);
        run(first, "UPDATE java_counters SET value = 1");
        run(second, "UPDATE java_counters SET value = 2");
        try {
            first.commit();
            return "none";
        } catch (SQLException error) {
            return error.getSQLState();
        }
    }
}
