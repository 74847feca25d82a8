package dev.lakegate.governance.lakeformation;

import dev.lakegate.kit.aws.AwsClients;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import software.amazon.awssdk.services.athena.AthenaAsyncClient;
import software.amazon.awssdk.services.iam.IamAsyncClient;
import software.amazon.awssdk.services.lakeformation.LakeFormationAsyncClient;
import software.amazon.awssdk.services.sns.SnsAsyncClient;

/** The clients of AWS that this service uses, made when they are first needed. */
@Singleton
class LakeClients {
  @Inject AwsClients clients;

  private LakeFormationAsyncClient lake;
  private IamAsyncClient iam;
  private AthenaAsyncClient athena;
  private SnsAsyncClient sns;

  synchronized LakeFormationAsyncClient lake() {
    if (lake == null) {
      lake = clients.client("lakeformation", LakeFormationAsyncClient.builder());
    }
    return lake;
  }

  synchronized IamAsyncClient iam() {
    if (iam == null) {
      iam = clients.client("iam", IamAsyncClient.builder());
    }
    return iam;
  }

  synchronized AthenaAsyncClient athena() {
    if (athena == null) {
      athena = clients.client("athena", AthenaAsyncClient.builder());
    }
    return athena;
  }

  synchronized SnsAsyncClient sns() {
    if (sns == null) {
      sns = clients.client("sns", SnsAsyncClient.builder());
    }
    return sns;
  }

  String region() {
    return lake().serviceClientConfiguration().region().id();
  }
}
