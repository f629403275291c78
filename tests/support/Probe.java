import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.Base64;
import java.util.Properties;
import java.util.TreeSet;

/**
 * Tells what Java, its .properties reader and PostgreSQL's driver make of what they are given.
 *
 * <p>Every answer is a line of NAME:VALUE pairs, both in base64, or "refused".
 */
public class Probe {
    public static void main(String[] words) throws Exception {
        switch (words[0]) {
            case "system" -> tell(System.getProperties());
            case "load" -> tell(load(words[1]));
            case "urls" -> urls();
            case "connect" -> connect(words);
            default -> throw new IllegalArgumentException(words[0]);
        }
    }

    private static void urls() throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Properties parsed = org.postgresql.Driver.parseURL(line, new Properties());
            if (parsed == null) {
                System.out.println("refused");
            } else {
                tell(parsed);
            }
        }
    }

    /** connect CONNECTION.PROPERTIES URL. */
    private static void connect(String[] words) throws Exception {
        Properties answer = new Properties();
        try (Connection connection = DriverManager.getConnection(words[2], load(words[1]))) {
            for (String question : new String[] {"application_name", "current_database()", "current_user"}) {
                String sql = question.startsWith("current") ? "select " + question : "show " + question;
                ResultSet rows = connection.createStatement().executeQuery(sql);
                rows.next();
                answer.setProperty(question, rows.getString(1));
            }
        }
        tell(answer);
    }

    private static Properties load(String path) throws Exception {
        Properties loaded = new Properties();
        try (FileInputStream in = new FileInputStream(path)) {
            loaded.load(in);
        }
        return loaded;
    }

    private static void tell(Properties properties) {
        StringBuilder line = new StringBuilder();
        for (String name : new TreeSet<>(properties.stringPropertyNames())) {
            line.append(coded(name)).append(':').append(coded(properties.getProperty(name))).append(' ');
        }
        System.out.println(line.toString().trim());
    }

    private static String coded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
