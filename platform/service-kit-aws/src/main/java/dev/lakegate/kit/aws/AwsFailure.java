package dev.lakegate.kit.aws;

import dev.lakegate.kit.error.LakegateException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * A call of AWS that failed for good, after the client's own attempts. What AWS said of it is kept
 * for the log; {@link #kind()} is what code decides by.
 */
public final class AwsFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What a failed call means to its caller. */
  public enum Kind {
    /** AWS asked for fewer calls. */
    THROTTLED("THROTTLED", true),
    /** The credentials are over, or there are none: others may come by themselves. */
    EXPIRED_CREDENTIALS("AWS_CREDENTIALS", true),
    /** The role may not do this. Nothing but a change of its policy helps. */
    ACCESS_DENIED("AWS_ACCESS_DENIED", false),
    /** What the call is about does not exist. */
    NOT_FOUND("AWS_NOT_FOUND", false),
    /** It exists already, or somebody else changes it now. */
    CONFLICT("AWS_CONFLICT", false),
    /** AWS or the way to it failed: trying later may help. */
    TRANSIENT("AWS_UNAVAILABLE", true),
    /** AWS does not take the request as it is. */
    BAD_REQUEST("AWS_REQUEST_REFUSED", false);

    private final String code;
    private final boolean retryable;

    Kind(String code, boolean retryable) {
      this.code = code;
      this.retryable = retryable;
    }

    /** Stable code of errors, as in the error envelope. */
    public String code() {
      return code;
    }

    /** Whether the same call may succeed later. */
    public boolean retryable() {
      return retryable;
    }
  }

  private static final Set<String> THROTTLES =
      Set.of(
          "Throttling",
          "ThrottlingException",
          "ThrottledException",
          "RequestThrottled",
          "RequestThrottledException",
          "TooManyRequestsException",
          "RequestLimitExceeded",
          "SlowDown",
          "BandwidthLimitExceeded",
          "LimitExceededException",
          "PriorRequestNotComplete");
  private static final Set<String> EXPIRED =
      Set.of(
          "ExpiredToken",
          "ExpiredTokenException",
          "RequestExpired",
          "InvalidClientTokenId",
          "UnrecognizedClientException",
          "InvalidToken",
          "TokenRefreshRequired");
  private static final Set<String> DENIED =
      Set.of(
          "AccessDenied",
          "AccessDeniedException",
          "UnauthorizedOperation",
          "AuthorizationError",
          "AuthorizationErrorException",
          "NotAuthorized",
          "SignatureDoesNotMatch",
          "AllAccessDisabled",
          "Forbidden");
  private static final Set<String> MISSING =
      Set.of(
          "EntityNotFoundException",
          "NoSuchEntity",
          "NoSuchEntityException",
          "NoSuchKey",
          "NoSuchBucket",
          "NotFound",
          "NotFoundException",
          "ResourceNotFound",
          "ResourceNotFoundException",
          "ResourceNotFoundFault",
          "QueueDoesNotExist",
          "AWS.SimpleQueueService.NonExistentQueue");
  private static final Set<String> CONFLICTS =
      Set.of(
          "AlreadyExistsException",
          "EntityAlreadyExists",
          "EntityAlreadyExistsException",
          "ConcurrentModificationException",
          "ConcurrentModification",
          "ConcurrentRunsExceededException",
          "ConflictException",
          "DeleteConflict",
          "DeleteConflictException",
          "PreconditionFailed",
          "InvalidResourceStateFault",
          "OperationAborted");

  private final Kind kind;
  private final String errorCode;

  private AwsFailure(Kind kind, String errorCode, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.errorCode = errorCode;
  }

  /**
   * What a throwable of the SDK means. Wrappers of futures are taken off.
   *
   * @return the failure; the throwable itself when it is one already
   */
  public static AwsFailure of(Throwable thrown) {
    Throwable t = thrown;
    while ((t instanceof CompletionException || t instanceof ExecutionException)
        && t.getCause() != null) {
      t = t.getCause();
    }
    if (t instanceof AwsFailure failure) {
      return failure;
    }
    if (t instanceof AwsServiceException service) {
      return ofService(service);
    }
    if (t instanceof SdkClientException || t instanceof IOException) {
      return ofClient(t);
    }
    return new AwsFailure(
        Kind.BAD_REQUEST, "", "The call of AWS failed: " + t.getClass().getSimpleName() + ".", t);
  }

  private static AwsFailure ofService(AwsServiceException e) {
    AwsErrorDetails details = e.awsErrorDetails();
    String code = details == null || details.errorCode() == null ? "" : details.errorCode();
    String service = details == null || details.serviceName() == null ? "" : details.serviceName();
    String said = details == null || details.errorMessage() == null ? "" : details.errorMessage();
    String message =
        (service.isEmpty() ? "AWS" : "AWS " + service)
            + " answered "
            + (code.isEmpty() ? "status " + e.statusCode() : code)
            + (said.isEmpty() ? "" : ": " + said)
            + (e.requestId() == null ? "" : " (request " + e.requestId() + ")");
    return new AwsFailure(kind(code, e), code, message, e);
  }

  private static Kind kind(String code, AwsServiceException e) {
    if (THROTTLES.contains(code) || e.isThrottlingException() || e.statusCode() == 429) {
      return Kind.THROTTLED;
    }
    if (EXPIRED.contains(code)) {
      return Kind.EXPIRED_CREDENTIALS;
    }
    if (DENIED.contains(code)) {
      return Kind.ACCESS_DENIED;
    }
    if (MISSING.contains(code)) {
      return Kind.NOT_FOUND;
    }
    if (CONFLICTS.contains(code)) {
      return Kind.CONFLICT;
    }
    if (e.statusCode() >= 500 || e.isClockSkewException()) {
      return Kind.TRANSIENT;
    }
    return switch (e.statusCode()) {
      case 401, 403 -> Kind.ACCESS_DENIED;
      case 404 -> Kind.NOT_FOUND;
      case 408 -> Kind.TRANSIENT;
      case 409, 412 -> Kind.CONFLICT;
      default -> Kind.BAD_REQUEST;
    };
  }

  private static AwsFailure ofClient(Throwable t) {
    String text = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
    if (t instanceof ApiCallTimeoutException || t instanceof ApiCallAttemptTimeoutException) {
      return new AwsFailure(Kind.TRANSIENT, "", "AWS did not answer in time.", t);
    }
    if (text.contains("Unable to load credentials")
        || text.contains("credentials provider")
        || text.contains("Unable to load region")) {
      return new AwsFailure(
          Kind.EXPIRED_CREDENTIALS, "", "There are no credentials or no region for AWS.", t);
    }
    if (t instanceof AbortedException) {
      return new AwsFailure(Kind.TRANSIENT, "", "The call of AWS was broken off.", t);
    }
    // Connections refused, reset or cut, and answers that end too early.
    return new AwsFailure(
        Kind.TRANSIENT, "", "AWS could not be reached or its answer not read.", t);
  }

  /** What code decides by. */
  public Kind kind() {
    return kind;
  }

  /** AWS's own code; empty when no answer came. */
  public String errorCode() {
    return errorCode;
  }

  /** Whether the same call may succeed later. */
  public boolean retryable() {
    return kind.retryable();
  }

  /** The error for callers over REST; what AWS said is for the log, and not in it. */
  public LakegateException toLakegate() {
    LakegateException problem =
        switch (kind) {
          case THROTTLED ->
              LakegateException.unavailable(
                  kind.code(),
                  "AWS asks for fewer calls.",
                  "Try again later; if it stays so, ask AWS for a higher quota.",
                  Duration.ofSeconds(10));
          case EXPIRED_CREDENTIALS ->
              LakegateException.unavailable(
                  kind.code(),
                  "The service has no valid credentials for AWS.",
                  "Try again in a moment; if it stays so, look at the role of its task and at"
                      + " lakegate.aws.client.credentials.",
                  Duration.ofSeconds(5));
          case TRANSIENT ->
              LakegateException.unavailable(
                  kind.code(),
                  "AWS does not answer properly.",
                  "Try again in a moment.",
                  Duration.ofSeconds(5));
          case ACCESS_DENIED ->
              LakegateException.of(
                  502,
                  kind.code(),
                  "The service's role may not do this in AWS.",
                  "Compare its policy with docs/AWS.md, and apply Terraform.");
          case NOT_FOUND ->
              LakegateException.of(
                  502,
                  kind.code(),
                  "Something that the call is about does not exist in AWS.",
                  "Apply Terraform; the service's log names what is missing.");
          case CONFLICT ->
              LakegateException.conflict(
                  kind.code(),
                  "Somebody else changed this in AWS at the same time.",
                  "Look at the present state and try again.");
          case BAD_REQUEST ->
              LakegateException.of(
                  502,
                  kind.code(),
                  "AWS does not take the service's request.",
                  "The service's log has AWS's words; give them to the operators.");
        };
    return (errorCode.isEmpty() ? problem : problem.withDetail("awsErrorCode", errorCode))
        .withCause(this);
  }
}
