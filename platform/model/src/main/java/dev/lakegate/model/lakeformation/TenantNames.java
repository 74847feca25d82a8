package dev.lakegate.model.lakeformation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of a tenant in names of AWS: its role, its workgroup, its prefix of results, and the
 * session tag {@code tenant}, which the boundary of tenants' roles compares with the other three.
 * Two tenants never have the same name. Pure.
 */
public final class TenantNames {
  // Names of roles do not differ by case, so capitals are not kept. A dot or dash never begins one.
  private static final Pattern KEPT = Pattern.compile("[a-z0-9][a-z0-9._-]{0,31}");
  private static final Pattern OF_A_DIGEST = Pattern.compile("h-[0-9a-f]{30}");

  private TenantNames() {}

  /**
   * The tenant itself where it is a short name in small letters, otherwise a digest of it.
   *
   * @throws IllegalArgumentException when the tenant is empty
   */
  public static String of(String tenant) {
    if (tenant.isEmpty()) {
      throw new IllegalArgumentException("the tenant is empty");
    }
    if (KEPT.matcher(tenant).matches() && !OF_A_DIGEST.matcher(tenant).matches()) {
      return tenant;
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(tenant.getBytes(StandardCharsets.UTF_8));
      return "h-" + HexFormat.of().formatHex(digest, 0, 15);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
