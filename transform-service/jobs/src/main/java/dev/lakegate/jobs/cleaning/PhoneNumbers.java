package dev.lakegate.jobs.cleaning;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import org.apache.spark.sql.api.java.UDF2;

/** Writes phone numbers in the one form of E.164: a plus sign, the country's code, digits. */
public final class PhoneNumbers implements UDF2<String, String, String> {
  private static final long serialVersionUID = 1L;

  /** Name under which derivations call it. */
  public static final String FUNCTION = "phone_e164";

  private static final int LONGEST = 100;

  @Override
  public String call(String text, String region) {
    return e164(text, region);
  }

  /**
   * The number in E.164, by the numbering plans that libphonenumber knows. An extension is dropped:
   * E.164 has none. {@code 00} is understood before a country's code in all regions, since people
   * write it where their region dials something else.
   *
   * @param text what somebody typed; may be null
   * @param region country (ISO 3166, two letters) of numbers that name none; may be null
   * @return null when {@code text} is null or not a number that exists in its country's plan
   */
  public static String e164(String text, String region) {
    if (text == null || text.length() > LONGEST) {
      return null;
    }
    String number = text.trim();
    if (number.isEmpty()) {
      return null;
    }
    String result = parsed(number, region);
    return result == null && number.startsWith("00")
        ? parsed("+" + number.substring(2), region)
        : result;
  }

  private static String parsed(String number, String region) {
    PhoneNumberUtil plans = PhoneNumberUtil.getInstance();
    try {
      PhoneNumber parsed = plans.parse(number, region);
      return plans.isValidNumber(parsed) ? plans.format(parsed, PhoneNumberFormat.E164) : null;
    } catch (NumberParseException e) {
      // Not a number at all, which is an answer here.
      return null;
    }
  }
}
