package dev.lakegate.governance.lakeformation;

import dev.lakegate.kit.aws.testing.DataCellsFilterStub;
import dev.lakegate.kit.aws.testing.EmulatedAws;
import dev.lakegate.kit.aws.testing.WorkgroupStub;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.HashMap;
import java.util.Map;

/** Runs the service on emulated AWS, as Terraform would tell it. */
public final class AwsProfile implements QuarkusTestResourceLifecycleManager {
  private final DataCellsFilterStub filters = new DataCellsFilterStub();
  private final WorkgroupStub workgroups = new WorkgroupStub();
  private EmulatedAws aws;

  @Override
  public Map<String, String> start() {
    aws = EmulatedAws.start(filters, workgroups);
    Map<String, String> settings = new HashMap<>();
    settings.put("lakegate.platform", "aws");
    settings.put("lakegate.aws.client.region", "us-east-1");
    settings.put("lakegate.aws.client.endpoint", aws.address().toString());
    settings.put("lakegate.aws.client.credentials.access-key-id", "made-up");
    settings.put("lakegate.aws.client.credentials.secret-access-key", "made-up");
    settings.put("lakegate.aws.lakehouse", "lakegate-dev");
    settings.put("lakegate.aws.database-prefix", "lakegate_dev_");
    settings.put("lakegate.aws.bronze-root", "s3://bronze");
    settings.put("lakegate.aws.silver-root", "s3://silver");
    settings.put("lakegate.aws.gold-root", "s3://gold");
    settings.put("lakegate.aws.snapshot-root", "s3://gold/_catalog");
    settings.put("lakegate.aws.tenant-role-path", "/lakegate-dev/tenants/");
    settings.put(
        "lakegate.aws.tenant-boundary-arn",
        "arn:aws:iam::123456789012:policy/lakegate-dev/tenants/lakegate-dev-tenant-boundary");
    settings.put("lakegate.aws.tenant-workgroup-prefix", "lakegate-dev-tenant-");
    settings.put("lakegate.aws.results-root", "s3://lakegate-dev-results");
    settings.put(
        "lakegate.aws.gateway-role-arn",
        "arn:aws:iam::123456789012:role/lakegate-dev/services/lakegate-dev-query-gateway");
    settings.put(
        "lakegate.aws.alerts-topic", "arn:aws:sns:us-east-1:123456789012:lakegate-dev-pipeline");
    settings.put("lakegate.aws.lake-formation.calls-per-second", "100");
    settings.put("lakegate.aws.lake-formation.drift-every", "off");
    return settings;
  }

  @Override
  public void inject(TestInjector injector) {
    injector.injectIntoFields(aws, new TestInjector.MatchesType(EmulatedAws.class));
    injector.injectIntoFields(workgroups, new TestInjector.MatchesType(WorkgroupStub.class));
    injector.injectIntoFields(filters, new TestInjector.MatchesType(DataCellsFilterStub.class));
  }

  @Override
  public void stop() {
    if (aws != null) {
      aws.close();
    }
  }
}
