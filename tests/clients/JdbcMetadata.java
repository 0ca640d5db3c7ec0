import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** JdbcMetadata HOST:PORT: what JDBC's DatabaseMetaData, prepared statements and transactions ask of the server. */
public class JdbcMetadata {
    interface Check {
        void run(Connection connection) throws Exception;
    }

    private static final List<String> OUTCOMES = new ArrayList<>();
    private static String server;

    public static void main(String[] arguments) throws Exception {
        server = arguments[0];
        try (Connection connection = connect(new Properties())) {
            execute(connection, "CREATE TABLE IF NOT EXISTS jdbc (a bigint NOT NULL COMMENT 'the key', b varchar(5), c decimal(10, 2), "
                    + "d date, e timestamp(3), f array(integer), g double)");
            execute(connection, "INSERT INTO jdbc (a, b, c) VALUES (1, 'one', 1.50), (2, 'two', 2.50)");
            execute(connection, "CREATE OR REPLACE VIEW jdbc_view AS SELECT a, b FROM jdbc");
            checks(connection);
            execute(connection, "DROP VIEW jdbc_view");
            execute(connection, "DROP TABLE jdbc");
        }
        System.out.println("[" + String.join(", ", OUTCOMES) + "]");
    }

    private static void checks(Connection connection) {
        check("product", connection, c -> {
            DatabaseMetaData data = c.getMetaData();
            expect(data.getDatabaseProductName() != null, "no name");
            expect(!data.getDatabaseProductVersion().isEmpty(), "no version");
            expect(data.getUserName().equals("jdbc"), data.getUserName());
        });
        check("getCatalogs", connection, c -> expectRows(c.getMetaData().getCatalogs(), 1, "memory", "system", "tpcds", "tpch"));
        check("getSchemas", connection, c -> expectContains(c.getMetaData().getSchemas(), 1, "default", "tiny", "runtime"));
        check("getSchemas of a catalog", connection,
                c -> expectRows(c.getMetaData().getSchemas("memory", null), 1, "default", "information_schema"));
        check("getSchemas by pattern", connection, c -> expectRows(c.getMetaData().getSchemas("tpch", "t%"), 1, "tiny"));
        check("getTables", connection, c -> expectRows(c.getMetaData().getTables("memory", "default", null, null), 3, "jdbc", "jdbc_view"));
        check("getTables of a type", connection,
                c -> expectRows(c.getMetaData().getTables("memory", "default", "%", new String[] {"VIEW"}), 3, "jdbc_view"));
        check("getTables by pattern", connection,
                c -> expectRows(c.getMetaData().getTables("tpch", "tiny", "part%", new String[] {"TABLE"}), 3, "part", "partsupp"));
        check("getTables of no type", connection, c -> expectRows(c.getMetaData().getTables(null, null, null, new String[] {}), 3));
        check("getTables with escapes", connection, c -> expectRows(c.getMetaData().getTables("memory", "default", "jdbc\\_view", null), 3, "jdbc_view"));
        check("getColumns", connection, c -> {
            try (ResultSet columns = c.getMetaData().getColumns("memory", "default", "jdbc", null)) {
                int[] types = {Types.BIGINT, Types.VARCHAR, Types.DECIMAL, Types.DATE, Types.TIMESTAMP, Types.ARRAY, Types.DOUBLE};
                int[] sizes = {19, 5, 10, 14, 25, 0, 53};
                for (int i = 0; i < types.length; i++) {
                    expect(columns.next(), "only " + i + " columns");
                    expect(columns.getInt("DATA_TYPE") == types[i], columns.getString("COLUMN_NAME") + " is " + columns.getInt("DATA_TYPE"));
                    expect(columns.getInt("COLUMN_SIZE") == sizes[i], columns.getString("COLUMN_NAME") + " has " + columns.getInt("COLUMN_SIZE"));
                    expect(columns.getInt("ORDINAL_POSITION") == i + 1, "position " + columns.getInt("ORDINAL_POSITION"));
                }
                expect(!columns.next(), "more columns");
            }
        });
        check("getColumns: null and remarks", connection, c -> {
            try (ResultSet columns = c.getMetaData().getColumns("memory", "default", "jdbc", "a")) {
                expect(columns.next() && columns.getString("IS_NULLABLE").equals("NO") && "the key".equals(columns.getString("REMARKS")), "wrong");
            }
        });
        check("getColumns of a view", connection, c -> expectRows(c.getMetaData().getColumns("memory", "default", "jdbc_view", "%"), 4, "a", "b"));
        check("getColumns of every catalog", connection, c -> expectContains(c.getMetaData().getColumns(null, null, "nation", "name"), 4, "name"));
        check("getTableTypes", connection, c -> expectRows(c.getMetaData().getTableTypes(), 1, "TABLE", "VIEW"));
        check("getTypeInfo", connection, c -> expectContains(c.getMetaData().getTypeInfo(), 1, "bigint", "varchar", "decimal", "array", "date"));
        check("getProcedures", connection, c -> expectRows(c.getMetaData().getProcedures(null, null, null), 3));
        check("getProcedureColumns", connection, c -> expectRows(c.getMetaData().getProcedureColumns(null, null, null, null), 3));
        check("getUDTs", connection, c -> expectRows(c.getMetaData().getUDTs(null, null, null, null), 3));
        check("getSuperTypes", connection, c -> expectRows(c.getMetaData().getSuperTypes(null, null, null), 3));
        check("getSuperTables", connection, c -> expectRows(c.getMetaData().getSuperTables(null, null, null), 3));
        check("getAttributes", connection, c -> expectRows(c.getMetaData().getAttributes(null, null, null, null), 3));
        check("getPseudoColumns", connection, c -> expectRows(c.getMetaData().getPseudoColumns(null, null, null, null), 4));
        check("getPrimaryKeys", connection, c -> expectRows(c.getMetaData().getPrimaryKeys("memory", "default", "jdbc"), 4));
        check("getImportedKeys", connection, c -> expectRows(c.getMetaData().getImportedKeys("memory", "default", "jdbc"), 4));
        check("getClientInfoProperties", connection, c -> c.getMetaData().getClientInfoProperties().close());
        check("result set metadata", connection, c -> {
            try (Statement statement = c.createStatement(); ResultSet rows = statement.executeQuery("SELECT a AS x, b, c FROM jdbc ORDER BY a")) {
                ResultSetMetaData columns = rows.getMetaData();
                expect(columns.getColumnLabel(1).equals("x") && columns.getColumnType(1) == Types.BIGINT, "x");
                expect(columns.getPrecision(2) == 5, "varchar of " + columns.getPrecision(2));
                expect(columns.getPrecision(3) == 10 && columns.getScale(3) == 2, "decimal");
                expect(rows.next() && rows.getLong("x") == 1 && rows.getString(2).equals("one") && rows.getBigDecimal(3).toString().equals("1.50"), "row");
            }
        });
        check("prepared statement", connection, c -> prepared(c));
        check("prepared statement, immediate", connection, c -> {
            Properties properties = new Properties();
            properties.setProperty("explicitPrepare", "false");
            try (Connection other = connect(properties)) {
                prepared(other);
            }
        });
        check("prepared SHOW CREATE", connection, c -> {
            try (PreparedStatement statement = c.prepareStatement("SHOW CREATE TABLE memory.default.jdbc"); ResultSet rows = statement.executeQuery()) {
                expect(rows.next() && rows.getString(1).startsWith("CREATE TABLE memory.default.jdbc ("), "text");
            }
            try (PreparedStatement statement = c.prepareStatement("SHOW CREATE VIEW memory.default.jdbc_view"); ResultSet rows = statement.executeQuery()) {
                expect(rows.next() && rows.getString(1).startsWith("CREATE VIEW memory.default.jdbc_view"), "text");
            }
        });
        check("metadata of a prepared statement", connection, c -> {
            try (PreparedStatement statement = c.prepareStatement("SELECT a, b AS text FROM jdbc WHERE a = ?")) {
                expect(statement.getMetaData().getColumnCount() == 2, "columns");
                expect(statement.getMetaData().getColumnName(2).equals("text"), statement.getMetaData().getColumnName(2));
                expect(statement.getParameterMetaData().getParameterCount() == 1, "parameters");
            }
        });
        check("update counts", connection, c -> {
            try (Statement statement = c.createStatement()) {
                expect(statement.executeUpdate("INSERT INTO jdbc (a) VALUES (3), (4)") == 2, "insert");
                expect(statement.executeUpdate("UPDATE jdbc SET b = 'x' WHERE a > 2") == 2, "update");
                expect(statement.executeUpdate("DELETE FROM jdbc WHERE a > 2") == 2, "delete");
                expect(statement.executeUpdate("COMMENT ON TABLE jdbc IS 'x'") == 0, "comment");
            }
        });
        check("transaction", connection, c -> {
            try (Connection other = connect(new Properties())) {
                other.setAutoCommit(false);
                execute(other, "SELECT count(*) FROM jdbc");
                other.commit();
                other.setReadOnly(true);
                execute(other, "SELECT count(*) FROM jdbc");
                other.rollback();
                other.setAutoCommit(true);
                execute(other, "SELECT 1");
            }
        });
        check("writes in a transaction", connection, c -> {
            try (Connection other = connect(new Properties())) {
                other.setAutoCommit(false);
                try {
                    execute(other, "INSERT INTO jdbc (a) VALUES (5)");
                    expect(false, "written");
                } catch (SQLException error) {
                    expect(error.getErrorCode() == 25, error.getMessage());
                }
                try {
                    execute(other, "SELECT 1");
                    expect(false, "after a failure");
                } catch (SQLException error) {
                    expect(error.getErrorCode() == 22, error.getMessage());
                }
                other.rollback();
            }
        });
        check("catalog and schema", connection, c -> {
            try (Connection other = connect(new Properties())) {
                execute(other, "USE tpch.tiny");
                expect(other.getCatalog().equals("tpch") && other.getSchema().equals("tiny"), other.getCatalog());
                execute(other, "SELECT name FROM nation");
                other.setCatalog("memory");
                other.setSchema("default");
                execute(other, "SELECT a FROM jdbc");
            }
        });
        check("session properties", connection, c -> {
            try (Connection other = connect(new Properties())) {
                execute(other, "SET SESSION query_max_run_time = '7m'");
                try (Statement statement = other.createStatement(); ResultSet rows = statement.executeQuery("SHOW SESSION LIKE 'query_max_run_time'")) {
                    expect(rows.next() && rows.getString("Value").equals("7m"), "value");
                }
            }
        });
        check("query timeout", connection, c -> {
            try (Statement statement = c.createStatement()) {
                statement.setQueryTimeout(100);
                statement.executeQuery("SELECT 1").close();
            }
        });
        check("max rows", connection, c -> {
            try (Statement statement = c.createStatement()) {
                statement.setMaxRows(3);
                int count = 0;
                try (ResultSet rows = statement.executeQuery("SELECT orderkey FROM tpch.tiny.orders")) {
                    while (rows.next()) {
                        count++;
                    }
                }
                expect(count == 3, count + " rows");
            }
        });
        check("errors", connection, c -> {
            try {
                execute(c, "SELECT nosuch FROM jdbc");
                expect(false, "no error");
            } catch (SQLException error) {
                expect(error.getErrorCode() == 47 && error.getMessage().contains("Column 'nosuch' cannot be resolved"), error.getMessage());
            }
        });
        check("isValid", connection, c -> expect(c.isValid(5), "not valid"));
    }

    private static void prepared(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT b FROM jdbc WHERE a = ? AND c < ?")) {
            statement.setLong(1, 1);
            statement.setBigDecimal(2, new java.math.BigDecimal("9.75"));
            try (ResultSet rows = statement.executeQuery()) {
                expect(rows.next() && rows.getString(1).equals("one") && !rows.next(), "rows");
            }
        }
    }

    private static Connection connect(Properties properties) throws SQLException {
        properties.setProperty("user", "jdbc");
        return DriverManager.getConnection("jdbc:trino://" + server + "/memory/default", properties);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet rows = statement.getResultSet()) {
                    while (rows.next()) {
                    }
                }
            }
        }
    }

    private static void expectRows(ResultSet rows, int column, String... expected) throws SQLException {
        List<String> found = texts(rows, column);
        expect(found.equals(List.of(expected)), found.toString());
    }

    private static void expectContains(ResultSet rows, int column, String... expected) throws SQLException {
        List<String> found = texts(rows, column);
        expect(found.containsAll(List.of(expected)), found.toString());
    }

    private static List<String> texts(ResultSet rows, int column) throws SQLException {
        List<String> found = new ArrayList<>();
        try (rows) {
            while (rows.next()) {
                found.add(rows.getString(column));
            }
        }
        return found;
    }

    private static void expect(boolean condition, String what) throws SQLException {
        if (!condition) {
            throw new SQLException(what);
        }
    }

    private static void check(String name, Connection connection, Check check) {
        String problem = "null";
        try {
            check.run(connection);
        } catch (Throwable error) {
            problem = quote(error.getClass().getSimpleName() + ": " + error.getMessage());
        }
        OUTCOMES.add("[" + quote(name) + ", " + problem + "]");
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            quoted.append(c == '"' || c == '\\' ? "\\" + c : c < ' ' ? " " : String.valueOf(c));
        }
        return quoted.append('"').toString();
    }
}
