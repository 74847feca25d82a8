package dev.lakegate.jobs.cleaning;

import java.math.BigDecimal;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;

/** The named functions that derivations and expectations may call. */
public final class Functions {
  private Functions() {}

  /** Makes them known to a session. */
  public static void register(SparkSession spark) {
    spark.udf().register(IpAddresses.FUNCTION, new IpAddresses(), DataTypes.StringType);
    spark.udf().register(EmailAddresses.FUNCTION, new EmailAddresses(), DataTypes.StringType);
    spark.udf().register(PhoneNumbers.FUNCTION, new PhoneNumbers(), DataTypes.StringType);
    spark.udf().register(UserAgents.FUNCTION, new UserAgents(), DataTypes.StringType);
    spark
        .udf()
        .register(
            CategoryLevels.FUNCTION,
            new CategoryLevels(),
            DataTypes.createArrayType(DataTypes.StringType, false));
    spark
        .udf()
        .register(
            "json_text", (UDF2<String, String, String>) JsonValues::text, DataTypes.StringType);
    spark
        .udf()
        .register(
            "json_bigint", (UDF2<String, String, Long>) JsonValues::bigint, DataTypes.LongType);
    spark
        .udf()
        .register(
            "json_decimal",
            (UDF2<String, String, BigDecimal>) JsonValues::decimal,
            DataTypes.createDecimalType(38, JsonValues.SCALE));
    spark
        .udf()
        .register(
            "json_boolean",
            (UDF2<String, String, Boolean>) JsonValues::bool,
            DataTypes.BooleanType);
  }
}
