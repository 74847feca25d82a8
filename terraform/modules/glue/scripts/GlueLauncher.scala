import com.amazonaws.services.glue.util.GlueArgParser
import java.nio.file.Files
import java.nio.file.Path
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.{Path => HadoopPath}

/** What Glue starts. Glue compiles this one file; everything else is in the jar of the jobs, whose command line is
  * `run --request FILE`: the request is fetched from S3 first, because the jobs read a file.
  */
object GlueLauncher {
  def main(arguments: Array[String]): Unit = {
    val options = GlueArgParser.getResolvedOptions(arguments, Array("request", "dataset"))
    val uri = new HadoopPath(options("request"))
    val request: Path = Files.createTempFile("request", ".json")
    uri.getFileSystem(new Configuration()).copyToLocalFile(false, uri, new HadoopPath(request.toUri), true)
    dev.lakegate.jobs.Main.main(Array("run", "--request", request.toString))
  }
}
