// Tomcat with the pages of the working folder, and the policy of `policy.php`, if there is one: PORT. There is no format for Java, so a
// filter makes the nonce and reads the directives from the lines of another one.

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

public class Jasper {
    static final Path POLICY = Path.of("policy.php");

    record Csp(String policy) implements Filter {
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException, ServletException {
            byte[] random = new byte[16];
            new SecureRandom().nextBytes(random);
            String nonce = Base64.getEncoder().encodeToString(random);
            request.setAttribute("cspNonce", nonce);
            request.setAttribute("who", "you");
            request.setAttribute("color", "green");
            request.setAttribute("q", request.getParameter("q"));
            if (!policy.isEmpty()) {
                ((HttpServletResponse) response).setHeader("Content-Security-Policy", policy.replace("{$cspNonce}", nonce));
            }
            chain.doFilter(request, response);
        }
    }

    static String policy() throws IOException {
        if (!Files.exists(POLICY)) {
            return "";
        }
        var lines = Pattern.compile("(?m)^ +\"(.*)\",$").matcher(Files.readString(POLICY)).results();
        return lines.map(line -> line.group(1)).collect(Collectors.joining("; "));
    }

    public static void main(String[] arguments) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir("work");
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(Integer.parseInt(arguments[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        var context = tomcat.addWebapp("", new File("webapp").getAbsolutePath());
        var filter = new FilterDef();
        filter.setFilterName("csp");
        filter.setFilter(new Csp(policy()));
        context.addFilterDef(filter);
        var map = new FilterMap();
        map.setFilterName("csp");
        map.addURLPattern("*.jsp");
        map.setDispatcher(DispatcherType.REQUEST.name());
        context.addFilterMap(map);
        tomcat.start();
        tomcat.getServer().await();
    }
}
