package dev.lakegate.gateway.sql;

import java.util.List;

/** Functions of binary text: digests, encodings, numbers as bytes. They cross as hexadecimal. */
final class BinaryFunctions {
  private BinaryFunctions() {}

  static void define() {
    for (String f : List.of("sha1", "sha512", "xxhash64", "murmur3")) {
      Functions.def(f, c -> c.arity(1).result(Type.VARBINARY, bytes("lk_" + f, hex(c, 0))));
    }
    for (String f : List.of("hmac_md5", "hmac_sha1", "hmac_sha256", "hmac_sha512")) {
      Functions.def(
          f, c -> c.arity(2).result(Type.VARBINARY, bytes("lk_" + f, hex(c, 0), hex(c, 1))));
    }
    Functions.def("crc32", c -> c.arity(1).result(Type.BIGINT, "lk_crc32(" + hex(c, 0) + ")"));
    for (String f : List.of("base64", "base64url", "base32")) {
      Functions.def(
          "to_" + f, c -> c.arity(1).result(Type.VARCHAR, "lk_to_" + f + "(" + hex(c, 0) + ")"));
      Functions.def(
          "from_" + f, c -> c.arity(1).result(Type.VARBINARY, bytes("lk_from_" + f, c.varchar(0))));
    }
    Functions.def(
        "to_big_endian_64",
        c -> c.arity(1).result(Type.VARBINARY, bytes("lk_to_big_endian", c.bigint(0), "64")));
    Functions.def(
        "to_big_endian_32",
        c ->
            c.arity(1)
                .result(
                    Type.VARBINARY,
                    bytes(
                        "lk_to_big_endian", Duck.cast(c.as(0, Type.INTEGER), Type.BIGINT), "32")));
    Functions.def(
        "from_big_endian_64",
        c -> c.arity(1).result(Type.BIGINT, "lk_from_big_endian(" + hex(c, 0) + ", 64)"));
    Functions.def(
        "from_big_endian_32",
        c ->
            c.arity(1)
                .result(
                    Type.INTEGER,
                    Duck.cast("lk_from_big_endian(" + hex(c, 0) + ", 32)", Type.INTEGER)));
    Functions.def(
        "to_ieee754_64", c -> c.arity(1).result(Type.VARBINARY, bytes("lk_to_ieee754", c.dbl(0))));
    Functions.def(
        "from_ieee754_64",
        c -> c.arity(1).result(Type.DOUBLE, "lk_from_ieee754(" + hex(c, 0) + ")"));
  }

  private static String hex(Call c, int i) {
    return "hex(" + c.as(i, Type.VARBINARY) + ")";
  }

  private static String bytes(String function, String... args) {
    return "unhex(" + function + "(" + String.join(", ", args) + "))";
  }
}
