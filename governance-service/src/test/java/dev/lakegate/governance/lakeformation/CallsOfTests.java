package dev.lakegate.governance.lakeformation;

import dev.lakegate.kit.aws.testing.RecordedCalls;
import jakarta.inject.Singleton;

/** Looks at every call of AWS that the service makes in tests. */
@Singleton
class CallsOfTests extends RecordedCalls {}
