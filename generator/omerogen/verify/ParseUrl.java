import java.util.Properties;

/** Tells in Java's properties format how PostgreSQL's driver reads a URL; exits with 1 if it does not. */
public class ParseUrl {
    public static void main(String[] words) throws Exception {
        Properties parsed = org.postgresql.Driver.parseURL(words[0], new Properties());
        if (parsed == null) {
            System.exit(1);
        }
        parsed.store(System.out, null);
    }
}
