import io.trino.sql.SqlFormatter;
import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes what Trino's parser and formatter say into the case files that are its arguments; record_grammar.py runs it. */
public class RecordGrammar {
  private static final SqlParser PARSER = new SqlParser();

  private static String outcome(String sql) {
    try {
      var statement = PARSER.createStatement(sql);
      try {
        return "--- parses\n" + SqlFormatter.formatSql(statement).stripTrailing();
      } catch (UnsupportedOperationException e) {
        return "--- parses, and Trino does not format it";
      }
    } catch (ParsingException e) {
      return "--- " + e.getMessage();
    } catch (UnsupportedOperationException e) {
      return "--- line 1:1: " + e.getMessage();
    }
  }

  /** Lines from the one that begins with `mark` on, and removes them. */
  private static String cut(List<String> lines, String mark) {
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).startsWith(mark)) continue;
      var rest = String.join("\n", lines.subList(i, lines.size()));
      lines.subList(i, lines.size()).clear();
      return rest;
    }
    return "";
  }

  public static void main(String[] files) throws Exception {
    for (String file : files) {
      var out = new StringBuilder();
      for (String text : Files.readString(Path.of(file)).split("(?m)^===\n")) {
        if (text.isBlank()) continue;
        var lines = new ArrayList<>(List.of(text.stripTrailing().split("\n")));
        String here = cut(lines, "--- here, ");
        cut(lines, "--- ");
        String sql = String.join("\n", lines);
        out.append("===\n").append(sql).append("\n").append(outcome(sql)).append("\n");
        if (!here.isEmpty()) out.append(here).append("\n");
      }
      Files.writeString(Path.of(file), out);
    }
  }
}
